import type { Store } from '../store/contract.ts'
import type { Emit } from './events.ts'
import { isDue } from './lanes.ts'
import type { Pause, Policy } from './model.ts'
import { isPaused, recheck } from './pause.ts'
import type { Runner } from './runner.ts'

/** Looks after the pauses of a worker's adapters: begins them, checks on them, ends them. */
export interface Pauses {
  /** Begins a pause, unless a longer one of its kind holds already. */
  readonly set: (pause: Pause) => void
  /** Ends what is over, and sends the checks that are due; all of them where somebody drains. */
  readonly look: (draining: boolean) => Promise<void>
  /** Whether what was looked at may still end. */
  readonly looking: () => boolean
  /** Ends what a check that went well shows to be over. */
  readonly passed: (adapter: string) => Promise<void>
  /** Resolves when what was begun stands in the store: before that, nothing is claimed. */
  readonly written: () => Promise<void>
  /** When the next pause may end, epoch ms. */
  readonly nextAt: () => number | undefined
}

/** How often, at most, a denied credential's value is compared, ms. */
const COMPARE_MS = 1_000

/** How often, at most, drains ask whether a service rests still, ms: some call for one after each step. */
const ASK_MS = 5_000

type Parts = Readonly<{
  store: Store
  runners: ReadonlyMap<string, Runner>
  policy: Policy
  now: () => number
  random: () => number
  emit: Emit
  report: (thrown: unknown) => void
  /** Called when a pause has ended or was checked: there may be something to do. */
  wake: () => void
  /** Called when nothing is looked at any more. */
  looked: () => void
}>

const id = (pause: Pick<Pause, 'adapter' | 'limit'>): string => `${pause.adapter}\n${pause.limit ?? ''}`

/** Makes the pauses of a worker. */
export const createPauses = (parts: Parts): Pauses => {
  const { store, runners, policy, now, random, emit, report } = parts
  let known = new Map<string, Pause>()
  const writing = new Set<Promise<void>>()
  /** Secret values at the time of a denial, compared in memory only. */
  const denied = new Map<string, string>()
  const checking = new Set<string>()
  const checkedAt = new Map<string, number>()
  let comparedAt = Number.NEGATIVE_INFINITY
  let looking = 0

  const end = async (pause: Pause): Promise<void> => {
    known.delete(id(pause))
    denied.delete(pause.adapter)
    await store.unpause(pause.adapter, pause.limit)
    emit('unpaused', { adapter: pause.adapter, ...(pause.limit === undefined ? {} : { limit: pause.limit }) })
    parts.wake()
  }

  const remember = async (runner: Runner): Promise<void> => {
    denied.set(runner.adapter.name, await runner.fingerprint())
  }

  const checkNow = async (pause: Pause, runner: Runner): Promise<void> => {
    if (checking.has(pause.adapter)) return
    checking.add(pause.adapter)
    checkedAt.set(pause.adapter, now())
    try {
      const { outcome } = await runner.check()
      if (outcome.kind === 'delivered') return await end(pause)
      if (outcome.kind === 'denied') await remember(runner)
      const next = recheck(pause, outcome, policy, now(), random)
      known.set(id(next), next)
      await store.pause(next)
    } finally {
      checking.delete(pause.adapter)
      parts.wake()
    }
  }

  const lookAt = async (pause: Pause, draining: boolean): Promise<void> => {
    const runner = runners.get(pause.adapter)
    if (runner === undefined) return
    if (!isPaused(pause, now())) return end(pause)
    if (pause.until !== undefined || pause.kind === 'asked') return
    if (pause.kind === 'denied') {
      const before = denied.get(pause.adapter)
      // A denial of an earlier process: the secret may have changed since, so it is asked once.
      if (before === undefined) {
        await remember(runner)
        return checkNow(pause, runner)
      }
      if (now() - comparedAt >= COMPARE_MS && (await runner.fingerprint()) !== before) return end(pause)
    }
    // A process that lives for seconds drains now or never: one cheap read says whether it can.
    const sinceMs = Math.abs(now() - (checkedAt.get(pause.adapter) ?? Number.NEGATIVE_INFINITY))
    if (draining && sinceMs >= ASK_MS) return checkNow(pause, runner)
    const checkAt = pause.checkAt ?? 0
    if (isDue(checkAt, now())) return checkNow(pause, runner)
  }

  return {
    set: pause => {
      const old = known.get(id(pause))
      const longer =
        old !== undefined &&
        isPaused(old, now()) &&
        (old.until === undefined || old.until >= (pause.until ?? Number.POSITIVE_INFINITY))
      if (longer) return
      known.set(id(pause), pause)
      const runner = runners.get(pause.adapter)
      const written = (async () => {
        if (pause.kind === 'denied' && runner !== undefined) await remember(runner)
        await store.pause(pause)
        emit('paused', { pause })
      })().catch(report)
      const done: Promise<void> = written.finally(() => writing.delete(done))
      writing.add(done)
    },
    written: async () => {
      if (writing.size > 0) await Promise.all(writing)
    },
    looking: () => looking > 0,
    passed: async adapter => {
      for (const pause of await store.pauses())
        if (pause.adapter === adapter && (pause.kind === 'denied' || pause.kind === 'down')) await end(pause)
    },
    look: async draining => {
      known = new Map((await store.pauses()).map(pause => [id(pause), pause]))
      for (const pause of [...known.values()]) {
        // A check may take as long as the service likes: the others do not wait for it.
        looking++
        void lookAt(pause, draining)
          .catch(report)
          .finally(() => {
            looking--
            if (looking === 0) parts.looked()
          })
      }
      if (now() - comparedAt >= COMPARE_MS) comparedAt = now()
    },
    nextAt: () => {
      const times = [...known.values()]
        .filter(pause => runners.has(pause.adapter) && pause.kind !== 'asked')
        .map(pause => pause.until ?? pause.checkAt ?? Number.POSITIVE_INFINITY)
      return times.length === 0 ? undefined : Math.min(...times)
    },
  }
}
