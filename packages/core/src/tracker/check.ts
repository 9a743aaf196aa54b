import type { AnyAdapter } from '../adapter/contract.ts'
import type { Check } from '../delivery/runner.ts'
import type { Worker } from '../delivery/worker.ts'

/** Result of one probe of an adapter: whether the target of its hooks is there and may be written. */
export type ProbeCheck = Readonly<{
  /** The fact that it proves, as in `channel membership`. */
  about: string
  /** True: it is as it must be. */
  ok: boolean
  /** How long it took, whole ms. */
  latencyMs: number
  /** Why not, with secrets redacted; absent when it is ok. */
  reason?: string
  /** Advice, as a sentence; absent when it is ok. */
  hint?: string
}>

/** Result of `tracker.check`: the address and the credential, then each target. */
export type AdapterCheck = Check &
  Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** In the order the adapter declares them; empty when the check itself failed. */
    probes: readonly ProbeCheck[]
  }>

/**
 * Sends an adapter's check and, when that is ok, its probes, one after the other. `ok` of the result holds for all of
 * them; reason and hint are those of the first that failed.
 */
export const checkAdapter = async (
  worker: Pick<Worker, 'check'>,
  { name: adapter, probes = [] }: Pick<AnyAdapter, 'name' | 'probes'>,
): Promise<AdapterCheck> => {
  const check = await worker.check(adapter)
  const found: ProbeCheck[] = []
  for (const { about, lookup, todo } of check.ok ? probes : []) {
    const { ok, latencyMs, kind, reason, hint } = await worker.check(adapter, lookup)
    // Where the service gave no answer, the adapter's advice would be about something unknown.
    const advice = kind === 'rejected' || kind === 'denied' ? todo : hint
    const why = {
      ...(reason === undefined ? {} : { reason }),
      ...(advice === undefined ? {} : { hint: advice }),
    }
    found.push({ about, ok, latencyMs, ...(ok ? {} : why) })
  }
  const failed = found.find(({ ok }) => !ok)
  if (failed === undefined) return { adapter, ...check, probes: found }
  const { reason = 'not as it must be', hint } = failed
  const said = { reason: `${failed.about}: ${reason}`, ...(hint === undefined ? {} : { hint }) }
  return { adapter, ...check, ok: false, ...said, probes: found }
}
