import { type Mirrored, renderReport } from '../export/report/report.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { Captured, Store } from '../store/contract.ts'

/** More than any session has; a bound all the same. */
const ALL = 100_000

const isAddress = ({ value }: Captured): boolean => typeof value === 'string' && /^https?:\/\//i.test(value)

/** What a link is called: the identifier that was captured beside it, else the adapter's name. */
const linksOf = (captured: readonly Captured[]): Mirrored['links'] => {
  const [address] = captured.filter(isAddress)
  if (address === undefined) return []
  const beside = captured.find(
    ({ key, name, value }) => key === address.key && /identifier|key|ref$/i.test(name) && value !== '',
  )
  return [{ name: beside === undefined ? address.adapter : String(beside.value), url: String(address.value) }]
}

/** A session as one HTML page, with what became of it in each service. Throws `NO_SUCH_SESSION`. */
export const report = async (store: Store, recorder: Recorder, sessionId: string): Promise<string> => {
  const session = await recorder.load(sessionId)
  const deliveries = await store.list({ lane: sessionId, limit: ALL })
  const captured = await store.captured(sessionId)
  const names = [...new Set(deliveries.map(each => each.adapter))].sort()
  const mirrored = names.map((adapter): Mirrored => {
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
      links: linksOf(captured.filter(each => each.adapter === adapter)),
    }
  })
  return renderReport(session, mirrored)
}
