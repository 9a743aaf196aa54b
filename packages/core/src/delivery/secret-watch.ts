import { notSet } from '../descriptor/refs.ts'
import { TrackerError } from '../session/errors.ts'
import type { Runner } from './runner.ts'

/** Finds adapters whose secrets are not set in this process: the worker leaves them out of its claims. */
export interface SecretWatch {
  /** Asks for secrets in the background, at first for all that checks need, then for those that were missing. */
  readonly look: (atOnce: boolean) => void
  /** Whether an answer of the host is still to come. */
  readonly looking: () => boolean
  /** Whether calls of an adapter have their secrets, as far as this process knows. */
  readonly areSet: (adapter: string) => boolean
}

type Parts = Readonly<{
  runners: ReadonlyMap<string, Runner>
  monotonic: () => number
  /** How often missing secrets are asked for, ms. */
  everyMs: number
  report: (where: string) => (thrown: unknown) => void
  /** Called when an adapter's secrets are there: there may be something to claim. */
  wake: () => void
  /** Called when an answer came that changes nothing. */
  onIdle: () => void
}>

/** Makes the watch of a worker's adapters. No adapter waits for the secrets of another one. */
export const createSecretWatch = ({
  runners,
  monotonic,
  everyMs,
  report,
  wake,
  onIdle: looked,
}: Parts): SecretWatch => {
  const asking = new Set<Runner>()
  /** The names that were reported as missing last, by adapter. */
  const reported = new Map<string, string>()
  let askedAt = Number.NEGATIVE_INFINITY

  const reportMissing = ({ adapter, secrets }: Runner): void => {
    const names = secrets.missing()
    const text = names.join()
    if (names.length > 0 && reported.get(adapter.name) !== text)
      report(adapter.name)(new TrackerError('CONFIG', notSet(...names)))
    reported.set(adapter.name, text)
  }

  const ask = async (runner: Runner): Promise<void> => {
    asking.add(runner)
    try {
      await runner.secrets.ask()
    } catch (thrown) {
      report(runner.adapter.name)(thrown)
    }
    asking.delete(runner)
    reportMissing(runner)
    if (runner.secrets.missing().length === 0) wake()
    else looked()
  }

  return {
    look: atOnce => {
      for (const runner of runners.values()) if (!asking.has(runner)) reportMissing(runner)
      if (!atOnce && monotonic() - askedAt < everyMs) return
      const first = askedAt === Number.NEGATIVE_INFINITY
      askedAt = monotonic()
      for (const runner of runners.values())
        if (!asking.has(runner) && (first || runner.secrets.missing().length > 0)) void ask(runner)
    },
    looking: () => asking.size > 0,
    areSet: adapter => {
      const runner = runners.get(adapter)
      return runner !== undefined && !asking.has(runner) && runner.secrets.missing().length === 0
    },
  }
}
