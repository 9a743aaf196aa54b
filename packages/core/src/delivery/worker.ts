import { toError } from '../session/errors.ts'
import type { ClaimRequest, Draw } from '../store/contract.ts'
import { askFor, concurrencyOf, leaseOf } from './attempt.ts'
import type { Claim } from './model.ts'
import { createPauses } from './pauses.ts'
import { completePolicy } from './policy.ts'
import { createRoomWaits } from './room.ts'
import { createRunner, type Runner } from './runner.ts'
import { createSecretWatch } from './secrets.ts'
import type { Ended } from './waits.ts'
import { createBatch, createBell, createEndings, createGathering, holdFor, timersOf } from './waits.ts'
import type { Worker, WorkerOptions } from './worker-contract.ts'
import { countLeft, findAdapter, findTransport, tellApplied, waitForStore } from './worker-contract.ts'

/** The longest a worker waits for a store that fails, ms. */
const RETRY_MOST_MS = 60_000

/** Between two looks at the pauses while requests are under way, ms: a claim heeds them anyway. */
const LOOK_MS = 100

/** Makes a worker; `start` or `drain` sets it to work. */
export const createWorker = (options: WorkerOptions): Worker => {
  const { store, monotonic, random, emit, redact, findSecret, retain } = options
  // Times in the store are whole.
  const now = (): number => Math.floor(options.now())
  const policy = completePolicy(options.policy)
  const timers = options.timers ?? timersOf()
  const keepAlive = holdFor(timers)
  const room = createRoomWaits(timers)
  const pollMs = options.pollMs ?? 1_000
  const runners = new Map<string, Runner>()
  let running = false
  let pumping: Promise<void> | undefined
  let again = false
  let hurry = 0
  /** Whether a drain has begun and the pauses were not looked at since. */
  let drains = false
  /** Lanes other workers held when the store was last asked. */
  let others = 0
  let nextDueAt: number | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  /** Turns in a row that failed, and when the next is tried. */
  let [failures, retryAt] = [0, 0]
  let cancel: () => void = () => undefined
  const bell = createBell()
  // Unlike any other worker's, also in other processes; it says nothing of this one.
  const id = Array.from({ length: 2 }, () => random().toString(36).slice(2, 10)).join('')
  const holding = new Set<string>()

  const report = (where: string) => (thrown: unknown) => emit('error', { error: toError(thrown), where })

  const begin = createBatch((starts: readonly Readonly<{ key: string; token: string }>[]) =>
    store.begin(starts),
  )
  // A worker whose adapters declare no rate never asks for a place.
  const draw = createBatch((draws: readonly Draw[]) => store.draw(draws))
  const pauses = createPauses({
    ...{ store, runners, policy, now, random, emit, report: report('pause') },
    ...{ worker: id, isReady: (name: string) => secrets.areSet(name), wake: () => pump(), onIdle: bell.ring },
  })

  const secrets = createSecretWatch({
    ...{ runners, monotonic, everyMs: pollMs, report },
    ...{ wake: () => pump(), onIdle: bell.ring },
  })

  for (const adapter of options.adapters) {
    const transport = findTransport(options, adapter.name)
    const parts = {
      ...{ adapter, transport, secrets: options.secrets, redact, findSecret, retain },
      ...{ policy, now, monotonic, random, begin, draw, emit, timers },
      ...{ pause: pauses.set, waitForRoom: room.wait, noteAccepted: () => pauses.noteAccepted(adapter.name) },
      ...(options.steady === undefined ? {} : { steady: options.steady }),
    }
    runners.set(adapter.name, createRunner(parts))
  }

  const endings = createEndings(emit, report, each => store.settle(each), holding)
  const inFlight = (): number => [...runners.values()].reduce((sum, each) => sum + each.inFlight, 0)

  const release = ({ delivery: { adapter, key } }: Claim): void => {
    const runner = runners.get(adapter)
    if (runner !== undefined) runner.inFlight--
    holding.delete(key)
  }

  /** Takes what ended: it is held no more, and makes room for as many claims. */
  const takeEnded = (): readonly Ended[] => {
    const taken = endings.take()
    for (const { claim } of taken) release(claim)
    return taken
  }

  /** Writes what ended where nothing is claimed; a failure was reported, and the next turn writes them again. */
  const writeAlone = async (taken = takeEnded()): Promise<void> => {
    if (taken.length === 0) return
    await endings.write(taken, async each => ({ settled: await store.settle(each) })).catch(() => undefined)
  }

  /** Answers that arrived together are written together, with the claim of what they set free. */
  const flush = (): void => {
    if (endings.count() === 0 || (gathering.isAway() && pumping !== undefined)) return
    if (canClaim()) pump()
    else void writeAlone().finally(pump)
  }

  const gathering = createGathering(timers, endings.count, () => inFlight() <= endings.count(), flush)

  const work = async (runner: Runner, claim: Claim, claimedAt: number): Promise<void> => {
    try {
      const run = () => runner.run(claim, claimedAt)
      const settlement = await (options.measure?.(claim, run) ?? run())
      if (settlement !== undefined) {
        await tellApplied(options, claim, settlement, report)
        const tookMs = monotonic() - claimedAt
        if (endings.add({ claim, settlement }) === 1) timers.soon(() => gathering.begin(tookMs))
        return
      }
    } catch (thrown) {
      report(`delivery ${claim.delivery.key}`)(thrown)
    }
    release(claim)
    timers.soon(pump)
  }

  const roomOf = (runner: Runner): number => Math.max(0, concurrencyOf(options, runner) - runner.inFlight)

  const claimOnce = async (): Promise<number> => {
    const taken = takeEnded()
    // An adapter without room has calls under way: it is asked about when one of them ends.
    const adapters = [...runners.values()]
      .map(runner => askFor(runner, roomOf(runner), concurrencyOf(options, runner)))
      .filter(({ name, room }) => room > 0 && secrets.areSet(name) && !pauses.isBlocked(name))
    if (adapters.length === 0) {
      await writeAlone(taken)
      return 0
    }
    const claimedAt = monotonic()
    const { afterMs, unreportedMax } = policy
    const request: ClaimRequest = {
      ...{ worker: id, adapters, lease: leaseOf(policy), afterMs, unreportedMax, holding: [...holding] },
      ...(hurry > 0 ? { hurry: true } : {}),
    }
    let asked = 0
    const claimed = await endings.write(taken, settlements => {
      const call = store.claim(settlements.length === 0 ? request : { ...request, settlements })
      asked = monotonic()
      gathering.ask()
      return call
    })
    // Next to nothing with a store that does its work in this process.
    gathering.note(monotonic() - asked)
    others = claimed.others ?? 0
    nextDueAt = claimed.nextDueAt
    for (const claim of claimed.claims) {
      const runner = runners.get(claim.delivery.adapter)
      if (runner === undefined) continue
      runner.inFlight++
      holding.add(claim.delivery.key)
      void work(runner, claim, claimedAt)
    }
    return claimed.claims.length
  }

  const busy = (): boolean => endings.count() > 0 || inFlight() > 0

  /** Whether claims are made now: a store that just failed is not asked again at once. */
  const canClaim = (): boolean => (running || hurry > 0) && !(failures > 0 && monotonic() < retryAt)

  /** When something may be sent, as far as this worker knows: infinity where nothing goes on by itself. */
  const nextAt = (): number =>
    Math.min(nextDueAt ?? Number.POSITIVE_INFINITY, pauses.nextAt() ?? Number.POSITIVE_INFINITY)

  const sleep = (): void => {
    cancel()
    if (!running && hurry === 0) return
    const waitMs =
      failures > 0 ? retryAt - monotonic() : Math.min(pollMs, (nextDueAt ?? Number.POSITIVE_INFINITY) - now())
    cancel = timers.after(Math.max(1, waitMs), pump)
  }

  /** The store failed as a whole: the worker reports it once, and asks again less and less often. */
  const backOff = (thrown: unknown): void => {
    if (failures === 0) report('worker')(thrown)
    failures++
    const waitMs = Math.min(RETRY_MOST_MS, Math.max(1, pollMs) * 2 ** Math.min(20, failures - 1))
    retryAt = monotonic() + waitMs
    again = false
  }

  const turn = async (): Promise<void> => {
    do {
      again = false
      await endings.rewrite()
      await pauses.flush()
      secrets.look(drains)
      if (drains || !busy() || monotonic() - lookedAt >= LOOK_MS) {
        lookedAt = monotonic()
        const draining = drains
        drains = false
        await pauses.look(draining)
      }
      // A full hand may mean that more is due; an empty one means that it is time to sleep.
      while (
        (running || hurry > 0) &&
        (await claimOnce()) > 0 &&
        [...runners.values()].some(each => roomOf(each) > 0)
      )
        again = false
    } while (again && (running || hurry > 0))
    failures = 0
  }

  function pump(): void {
    // A store that just refused is not asked again at once, whatever wakes the worker.
    if (!canClaim()) {
      bell.ring()
      return
    }
    room.ended = false
    again = true
    if (pumping !== undefined) return
    pumping = turn()
      .catch(backOff)
      // The next claim writes what ended meanwhile; where there is none, nothing else would.
      .then(() => (canClaim() ? undefined : writeAlone()))
      .finally(() => {
        pumping = undefined
        // A wake after the last look and before this point: nothing else would look again.
        if (again) return pump()
        // An answer that came during a claim waits for those of the calls that it gave.
        if (endings.count() > 0) gathering.begin()
        bell.ring()
        sleep()
      })
      // The host's clock threw: it is asked again later, by ours.
      .catch(thrown => {
        backOff(thrown)
        sleep()
      })
  }

  /** Whether a drain is over: its time, or everything that could go in its time. */
  const isOver = (until: number, signal: AbortSignal | undefined): boolean => {
    if (monotonic() >= until || signal?.aborted === true) return true
    if (busy() || pumping !== undefined || pauses.looking() || secrets.looking() || others > 0) return false
    return nextAt() - now() > until - monotonic() || nextAt() === Number.POSITIVE_INFINITY
  }

  return {
    start: () => {
      if (running) return
      running = true
      pump()
    },
    wake: pump,
    stop: () =>
      keepAlive(async () => {
        running = false
        cancel()
        room.end()
        const { baseMs } = leaseOf(policy)
        const waitForAnswers = (ended: Promise<unknown> | undefined = pumping) =>
          waitForStore(ended ?? bell.wait(), timers, report('close'), baseMs)
        while ((pumping !== undefined || busy()) && (await waitForAnswers()));
        await waitForAnswers(endings.rewrite(true))
      }),
    drain: ({ timeoutMs, signal }) =>
      keepAlive(async () => {
        const until = monotonic() + timeoutMs
        hurry++
        drains = true
        // A timer may fire a little early, and then nothing else would ring.
        const leave = timers.after(timeoutMs + 5, bell.ring)
        signal?.addEventListener('abort', bell.ring)
        try {
          pump()
          while (!isOver(until, signal)) await bell.wait()
        } finally {
          hurry--
          leave()
          signal?.removeEventListener('abort', bell.ring)
        }
        const result = await countLeft(store, runners, nextAt())
        emit('drained', result)
        return result
      }),
    check: (name, lookup) =>
      keepAlive(async () => {
        const { check } = await findAdapter(runners, name).check(lookup)
        if (check.ok && lookup === undefined) await pauses.endPassed(name)
        return check
      }),
    read: (name, lookup) => keepAlive(async () => findAdapter(runners, name).read(lookup)),
    stats: name => findAdapter(runners, name).stats(),
    unset: name => keepAlive(async () => findAdapter(runners, name).secrets.findMissing()),
  }
}

export { type Drained, type Worker, type WorkerOptions, waitForStore } from './worker-contract.ts'
