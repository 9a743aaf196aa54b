import type { Store } from '../store/contract.ts'
import type { Emit } from './events.ts'
import { isDue } from './lanes.ts'
import type { Pause, Policy } from './model.ts'
import { isPaused, pauseDenied, recheck } from './pause.ts'
import type { Runner } from './runner.ts'

/** Looks after the pauses of a worker's adapters: begins them, checks on them, ends them. */
export interface Pauses {
  /** Begins a pause, unless a longer one of its kind holds already. One for a refused credential is this worker's own. */
  readonly set: (pause: Pause) => void
  /** Ends what is over, and sends the checks that are due; all of them during a drain. */
  readonly look: (draining: boolean) => Promise<void>
  /** Whether what was looked at may still end. */
  readonly looking: () => boolean
  /** Whether this worker claims nothing of an adapter: its credential was refused, or is checked before the first claim. */
  readonly isBlocked: (adapter: string) => boolean
  /** Ends what a check that went well shows to be over: also what stopped other workers, of which many live no more. */
  readonly endPassed: (adapter: string) => Promise<void>
  /** Says that a service accepted the credential of this worker for the first time. */
  readonly noteAccepted: (adapter: string) => void
  /** Resolves when what was begun stands in the store: before that, nothing is claimed. */
  readonly flush: () => Promise<void>
  /** When the next pause may end, epoch ms. */
  readonly nextAt: () => number | undefined
}

/** How often, at most, a denied credential's value is compared, ms; a drain compares it at once. */
const COMPARE_MS = 1_000

/** How often, at most, drains send a check again, ms: some programs drain after each step. */
const ASK_MS = 5_000

/** How often, at most, workers of one store check because another one's credential was refused, ms. */
const FOREIGN_MS = 60_000

type PausesOptions = Readonly<{
  store: Store
  /** The worker that these pauses belong to. */
  worker: string
  runners: ReadonlyMap<string, Runner>
  /** Whether the secrets of an adapter are there. */
  isReady: (adapter: string) => boolean
  policy: Policy
  now: () => number
  random: () => number
  emit: Emit
  report: (thrown: unknown) => void
  /** Called when a pause has ended or was checked: there may be something to do. */
  wake: () => void
  /** Called when nothing is looked at any more. */
  onIdle: () => void
}>

const id = ({ adapter, limit, owner }: Pick<Pause, 'adapter' | 'limit' | 'owner'>): string =>
  `${adapter}\n${limit ?? ''}\n${owner ?? ''}`

/** Makes the pauses of a worker. */
export const createPauses = (parts: PausesOptions): Pauses => {
  const { store, worker, runners, policy, now, random, emit, report } = parts
  /** Those that hold this worker: of all workers, and its own. */
  let known = new Map<string, Pause>()
  const writing = new Set<Promise<void>>()
  /** Secret values at the time of a refusal, compared in memory only. */
  const refused = new Map<string, string>()
  /** When this worker's own pauses are checked, epoch ms: other workers move the time that stands in the store. */
  const ownCheckAt = new Map<string, number>()
  /** Own pauses that stand in no row: that of the other worker says enough, and processes that live for seconds leave none. */
  const silent = new Map<string, Pause>()
  const checking = new Set<string>()
  const checkedAt = new Map<string, number>()
  /** Of other workers whose credential was refused, as they stood at the last look. */
  let foreign: readonly Pause[] = []
  let comparedAt = Number.NEGATIVE_INFINITY
  let looking = 0

  const remember = async (runner: Runner): Promise<void> => {
    refused.set(runner.adapter.name, await runner.secrets.fingerprint())
  }

  const end = async (pause: Pause): Promise<void> => {
    const { adapter, limit, owner } = pause
    known.delete(id(pause))
    if (owner !== undefined) {
      silent.delete(adapter)
      refused.delete(adapter)
      ownCheckAt.delete(adapter)
    }
    await store.unpause(adapter, limit, owner)
    emit('unpaused', { adapter, ...(limit === undefined ? {} : { limit }) })
    parts.wake()
  }

  /** Writes a pause; one for a refused credential belongs to this worker, and any other of the adapter ends. */
  const write = async (pause: Pause): Promise<void> => {
    silent.delete(pause.adapter)
    known.set(id(pause), pause)
    if (pause.owner !== undefined && pause.checkAt !== undefined) ownCheckAt.set(pause.adapter, pause.checkAt)
    await store.pause(pause)
  }

  const endForeign = ({ adapter, limit, owner }: Pause): Promise<void> => store.unpause(adapter, limit, owner)

  /**
   * Whether a pause of another worker is over once this one was accepted. One with another secret that lives says so again,
   * and then its pause stays for a minute.
   */
  const isOver = ({ since, checks = 0 }: Pause): boolean => checks === 0 || now() - since >= FOREIGN_MS

  const own = (pause: Pause): Pause => (pause.kind === 'denied' ? { ...pause, owner: worker } : pause)

  const checkNow = async (pause: Pause, runner: Runner): Promise<void> => {
    const { adapter } = pause
    if (checking.has(adapter)) return
    checking.add(adapter)
    checkedAt.set(adapter, now())
    try {
      // One worker checks for all that are paused.
      const mayCheck =
        pause.owner !== undefined || (await store.takeCheck(pause, now() + policy.readTimeoutMs))
      if (!mayCheck) return
      const { outcome } = await runner.check()
      if (outcome.kind === 'delivered') return await end(pause)
      if (outcome.kind === 'denied') await remember(runner)
      const next = recheck(pause, outcome, policy, now(), random)
      const { owner: _, ...shared } = next
      const written = next.kind === 'denied' ? own(next) : pause.owner === undefined ? shared : next
      if (id(written) !== id(pause)) {
        known.delete(id(pause))
        await store.unpause(adapter, pause.limit, pause.owner)
      }
      await write(written)
    } finally {
      checking.delete(adapter)
      parts.wake()
    }
  }

  const lookAt = async (pause: Pause, draining: boolean): Promise<void> => {
    const runner = runners.get(pause.adapter)
    if (runner === undefined) return
    if (!isPaused(pause, now())) return end(pause)
    if (pause.until !== undefined || pause.kind === 'asked') return
    if (pause.kind === 'denied') {
      const before = refused.get(pause.adapter)
      const compares = draining || now() - comparedAt >= COMPARE_MS
      if (before !== undefined && compares && (await runner.secrets.fingerprint()) !== before)
        return end(pause)
    }
    // A process that lives for seconds drains now or never: one cheap read says whether it can.
    const sinceMs = Math.abs(now() - (checkedAt.get(pause.adapter) ?? Number.NEGATIVE_INFINITY))
    if (draining && sinceMs >= ASK_MS) return checkNow(pause, runner)
    const checkAt =
      (pause.owner === undefined ? undefined : ownCheckAt.get(pause.adapter)) ?? pause.checkAt ?? 0
    if (isDue(checkAt, now())) return checkNow(pause, runner)
  }

  /**
   * Another worker's credential was refused. One that was never accepted here sends its check before its first claim, so
   * that processes that live for seconds do not each send a call that is refused.
   */
  const checkFirst = async (pause: Pause): Promise<void> => {
    const { adapter } = pause
    const runner = runners.get(adapter)
    if (runner === undefined || !parts.isReady(adapter)) return
    // A worker that lives would have checked by now, and moved the time of its next check.
    if (runner.isAccepted()) return now() - (pause.checkAt ?? 0) < FOREIGN_MS ? undefined : endForeign(pause)
    if (checking.has(adapter) || checkedAt.has(adapter)) return
    const lastAt = (pause.checkAt ?? 0) - policy.deniedCheckMs
    // The first check of another worker is owed at once.
    if (lastAt > pause.since && now() - lastAt < FOREIGN_MS) return
    checking.add(adapter)
    checkedAt.set(adapter, now())
    try {
      if (!(await store.takeCheck(pause, now() + policy.deniedCheckMs))) return
      const { outcome } = await runner.check()
      // The other one may have ended long ago: should it live and be refused again, it says so again.
      if (outcome.kind === 'delivered') await endForeign(pause)
      if (outcome.kind !== 'denied') return
      await remember(runner)
      const mine = own(pauseDenied(adapter, outcome.reason, policy, now()))
      silent.set(adapter, mine)
      known.set(id(mine), mine)
    } finally {
      checking.delete(adapter)
      parts.wake()
    }
  }

  const inBackground = (work: Promise<void>): void => {
    looking++
    void work.catch(report).finally(() => {
      looking--
      if (looking === 0) parts.onIdle()
    })
  }

  return {
    set: given => {
      let pause = own(given)
      const old = known.get(id(pause))
      const longer =
        old !== undefined &&
        isPaused(old, now()) &&
        (old.until === undefined || old.until >= (pause.until ?? Number.POSITIVE_INFINITY))
      if (longer) return
      known.set(id(pause), pause)
      const runner = runners.get(pause.adapter)
      const written = (async () => {
        if (pause.owner !== undefined && runner !== undefined) {
          checkedAt.set(pause.adapter, now())
          const before = refused.get(pause.adapter)
          await remember(runner)
          // Ended by another worker, and refused again with the same secret.
          if (before === refused.get(pause.adapter)) pause = { ...pause, checks: 1 }
        }
        await write(pause)
        emit('paused', { pause })
      })().catch(report)
      const done: Promise<void> = written.finally(() => writing.delete(done))
      writing.add(done)
    },
    flush: async () => {
      if (writing.size > 0) await Promise.all(writing)
    },
    looking: () => looking > 0,
    isBlocked: adapter =>
      known.get(id({ adapter, owner: worker }))?.kind === 'denied' ||
      (checking.has(adapter) && runners.get(adapter)?.isAccepted() === false),
    endPassed: async adapter => {
      for (const pause of await store.pauses()) {
        if (pause.adapter !== adapter) continue
        if (pause.kind === 'down' || pause.owner === worker) await end(pause)
        else if (pause.kind === 'denied') await endForeign(pause)
      }
    },
    noteAccepted: adapter => {
      for (const pause of foreign)
        if (pause.adapter === adapter && isOver(pause)) inBackground(endForeign(pause))
    },
    look: async draining => {
      const all = await store.pauses()
      const applies = ({ owner }: Pause) => owner === undefined || owner === worker
      // Where no worker is refused any more, a person has ended it.
      for (const adapter of silent.keys())
        if (!all.some(each => each.adapter === adapter && each.kind === 'denied')) silent.delete(adapter)
      known = new Map([...silent.values(), ...all.filter(applies)].map(pause => [id(pause), pause]))
      // A check may take as long as the service likes: the others do not wait for it.
      for (const pause of [...known.values()]) inBackground(lookAt(pause, draining))
      foreign = all.filter(pause => !applies(pause) && pause.kind === 'denied')
      for (const pause of foreign)
        if (!known.has(id({ ...pause, owner: worker }))) inBackground(checkFirst(pause))
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
