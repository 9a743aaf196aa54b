import type { AnyAdapter } from '../adapter/contract.ts'
import { type Mirror, renderReport } from '../export/report/report.ts'
import type { Recorder } from '../recorder/contract.ts'
import { linkOf } from '../recorder/link.ts'
import type { Store } from '../store/contract.ts'

/** Sources of a report. */
type ReportContext = Readonly<{ store: Store; recorder: Recorder; adapters: ReadonlyMap<string, AnyAdapter> }>

/** More than any session has; a bound all the same. */
const ALL = 100_000

/** A session as one HTML page, with what became of it in each service. Throws `NO_SUCH_SESSION`. */
export const report = async (
  { store, recorder, adapters }: ReportContext,
  sessionId: string,
): Promise<string> => {
  const session = await recorder.load(sessionId)
  const deliveries = await store.list({ lane: sessionId, limit: ALL })
  const captured = await store.listCaptures(sessionId)
  const names = [...new Set(deliveries.map(each => each.adapter))].sort()
  const mirrored = names.map((adapter): Mirror => {
    const link = linkOf(adapter, adapters.get(adapter), session, captured)
    const own = deliveries.filter(each => each.adapter === adapter)
    const count = (...states: readonly string[]): number =>
      own.filter(each => states.includes(each.state)).length
    return {
      adapter,
      delivered: count('delivered'),
      waiting: count('waiting', 'claimed', 'begun'),
      planned: count('planned'),
      dead: count('dead'),
      inDoubt: own.filter(each => each.doubtSince !== undefined).length,
      links: link === undefined ? [] : [link],
    }
  })
  return renderReport(session, mirrored)
}
