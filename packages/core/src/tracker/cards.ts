import type { AnyAdapter, Known } from '../adapter/contract.ts'
import { readRefs } from '../adapter/plan.ts'
import type { State } from '../delivery/model.ts'
import type { Recorder } from '../recorder/contract.ts'
import { atOnce } from '../session/at-once.ts'
import type { Session } from '../session/session.ts'
import type { Captured, Store } from '../store/contract.ts'

/** The place of a session in one service. */
export type SessionCard = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** Its name for people, as in `BIL-212`; the adapter's name where the service gives no other. */
  name: string
  /** Its https address; absent until the service gave it, or where it has none. */
  url?: string
  /** Of the delivery that creates or adopts it: `delivered` when it is there. */
  state: State
}>

type Link = Readonly<{ name: string; url: string }>

const isAddress = ({ value }: Captured): boolean => typeof value === 'string' && /^https?:\/\//i.test(value)

const isLinkable = (url: string): boolean =>
  /^https:\/\/[^\s@]+$/.test(url) && URL.canParse(url) && new URL(url).hostname !== ''

/** The link that the adapter makes. One whose `link` throws or is async has none. */
const linkBy = (adapter: AnyAdapter, known: Known): Link | undefined => {
  try {
    const link = atOnce(adapter.link?.(known), 'link')
    return link === undefined || !isLinkable(link.url)
      ? undefined
      : { name: link.name || adapter.name, url: link.url }
  } catch {
    return undefined
  }
}

/** The first address that was captured, named by the identifier that was captured with it, else by the adapter. */
const findLink = (captured: readonly Captured[]): Link | undefined => {
  const address = captured.find(isAddress)
  if (address === undefined) return undefined
  const identifier = captured.find(
    ({ key, name, value }) => key === address.key && /identifier|key|ref$/i.test(name) && value !== '',
  )
  const name = identifier === undefined ? address.adapter : String(identifier.value)
  return { name, url: String(address.value) }
}

const readKnown = (adapter: AnyAdapter, session: Session, captured: readonly Captured[]): Known => ({
  refs: readRefs(adapter, session),
  captured: Object.fromEntries(captured.map(({ name: called, value }) => [called, value])),
})

/** Where a session is in the service of an adapter; `adapter` is the tracker's, where it has one of that name. */
export const linkOf = (
  name: string,
  adapter: AnyAdapter | undefined,
  session: Session,
  captured: readonly Captured[],
): Link | undefined => {
  const own = captured.filter(each => each.adapter === name)
  return adapter?.link === undefined ? findLink(own) : linkBy(adapter, readKnown(adapter, session, own))
}

type CardsContext = Readonly<{
  store: Pick<Store, 'list' | 'listCaptures'>
  recorder: Pick<Recorder, 'load'>
  adapters: ReadonlyMap<string, AnyAdapter>
}>

/** More deliveries than a lane has whose first is not its card. */
const MOST = 10_000

/** Every place of a session, by adapter. Throws `NO_SUCH_SESSION`. */
export const cardsOf = async (
  { store, recorder, adapters }: CardsContext,
  sessionId: string,
): Promise<readonly SessionCard[]> => {
  const session = await recorder.load(sessionId)
  const captured = await store.listCaptures(sessionId)
  const first = new Map<string, State>()
  for (const { adapter, state } of await store.list({ lane: sessionId, limit: MOST }))
    if (!first.has(adapter) && state !== 'replaced' && state !== 'dropped') first.set(adapter, state)
  return [...first].map(([adapter, state]) => {
    const link = linkOf(adapter, adapters.get(adapter), session, captured)
    return { adapter, name: link?.name ?? adapter, ...(link === undefined ? {} : { url: link.url }), state }
  })
}
