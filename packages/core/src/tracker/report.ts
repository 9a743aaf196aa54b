import type { AnyAdapter, Known } from '../adapter/contract.ts'
import { type Mirror, renderReport } from '../export/report/report.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { Session } from '../session/schema.ts'
import type { Captured, Store } from '../store/contract.ts'

/** What a report is made of. */
type Parts = Readonly<{ store: Store; recorder: Recorder; adapters: ReadonlyMap<string, AnyAdapter> }>

/** More than any session has; a bound all the same. */
const ALL = 100_000

const isAddress = ({ value }: Captured): boolean => typeof value === 'string' && /^https?:\/\//i.test(value)

const isOpen = (url: string): boolean =>
  /^https:\/\/[^\s@]+$/.test(url) && URL.canParse(url) && new URL(url).hostname !== ''

/** Where an adapter that knows says the session is. One that throws does not know. */
const linkBy = (adapter: AnyAdapter, known: Known): Mirror['links'] => {
  try {
    const link = adapter.link?.(known)
    return link === undefined || !isOpen(link.url) ? [] : [{ name: link.name || adapter.name, url: link.url }]
  } catch {
    return []
  }
}

/** The first address that was captured, called by the identifier that was captured beside it, else as the adapter. */
const linkFound = (captured: readonly Captured[]): Mirror['links'] => {
  const [address] = captured.filter(isAddress)
  if (address === undefined) return []
  const beside = captured.find(
    ({ key, name, value }) => key === address.key && /identifier|key|ref$/i.test(name) && value !== '',
  )
  return [{ name: beside === undefined ? address.adapter : String(beside.value), url: String(address.value) }]
}

const knownOf = (name: string, session: Session, captured: readonly Captured[]): Known => ({
  refs: Object.fromEntries(
    Object.entries(session.refs).flatMap(([ref, value]) =>
      ref.startsWith(`${name}.`) ? [[ref.slice(name.length + 1), value]] : [],
    ),
  ),
  captured: Object.fromEntries(captured.map(({ name: called, value }) => [called, value])),
})

/** A session as one HTML page, with what became of it in each service. Throws `NO_SUCH_SESSION`. */
export const report = async ({ store, recorder, adapters }: Parts, sessionId: string): Promise<string> => {
  const session = await recorder.load(sessionId)
  const deliveries = await store.list({ lane: sessionId, limit: ALL })
  const captured = await store.captured(sessionId)
  const names = [...new Set(deliveries.map(each => each.adapter))].sort()
  const mirrored = names.map((adapter): Mirror => {
    const by = adapters.get(adapter)
    const caught = captured.filter(each => each.adapter === adapter)
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
      links: by?.link === undefined ? linkFound(caught) : linkBy(by, knownOf(adapter, session, caught)),
    }
  })
  return renderReport(session, mirrored)
}
