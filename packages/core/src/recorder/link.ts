import type { AnyAdapter, Known } from '../adapter/contract.ts'
import { readRefs } from '../adapter/plan.ts'
import type { Delivery } from '../delivery/model.ts'
import type { Link as CardLink, Descriptor } from '../descriptor/descriptor.ts'
import { atOnce } from '../session/at-once.ts'
import type { Json } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { Captured } from '../store/contract.ts'
import type { RecorderContext } from './context.ts'
import type { LiveSession } from './live-session.ts'

type Link = Readonly<{ name: string; url: string }>

/** No service has an address of a card as long as this, characters. */
const LONGEST_ADDRESS = 2_048

/**
 * An address as it may stand in a card: whole, without a credential, and with all that could end a link or hide a part of it
 * percent-encoded. Adapters get it from answers of services.
 */
const readAddress = (url: unknown, wanted: RegExp): string | undefined => {
  if (
    typeof url !== 'string' ||
    url.length > LONGEST_ADDRESS ||
    !wanted.test(url) ||
    /[\s@\p{Cc}]/u.test(url) ||
    !URL.canParse(url)
  )
    return undefined
  const { hostname, origin, href } = new URL(url)
  if (hostname === '') return undefined
  // These letters end a link in the markup of a service, and an address leaves them as they are.
  return `${origin}${href.slice(origin.length).replace(/[[\]{}|^`]/g, encodeURIComponent)}`
}

/** The link that the adapter makes. One whose `link` throws or is async has none. */
const linkBy = (adapter: AnyAdapter, known: Known): Link | undefined => {
  try {
    const link = atOnce(adapter.link?.(known), 'link')
    const url = readAddress(link?.url, /^https:\/\//)
    return url === undefined ? undefined : { name: link?.name || adapter.name, url }
  } catch {
    return undefined
  }
}

const ANY = /^https?:\/\//i

/** The first address that was captured, named by the identifier that was captured with it, else by the adapter. */
const findLink = (captured: readonly Captured[]): Link | undefined => {
  const address = captured.find(({ value }) => readAddress(value, ANY) !== undefined)
  const url = readAddress(address?.value, ANY)
  if (address === undefined || url === undefined) return undefined
  const identifier = captured.find(
    ({ key, name, value }) => key === address.key && /identifier|key|ref$/i.test(name) && value !== '',
  )
  const name = identifier === undefined ? address.adapter : String(identifier.value)
  return { name, url }
}

const readKnown = (
  adapter: AnyAdapter,
  session: Pick<Session, 'refs'>,
  captured: readonly Captured[],
): Known => ({
  refs: readRefs(adapter, session),
  captured: Object.fromEntries(captured.map(({ name: called, value }) => [called, value])),
})

/**
 * The cards of a session that are known, by adapter. Where another process made a card with an adapter that this tracker does not
 * have, its address is the one that the service answered: an edit of ours must not remove the link.
 */
const linksOf = (
  { adapters }: Pick<RecorderContext, 'adapters'>,
  { through, refs: opened, summary }: Pick<LiveSession, 'through' | 'refs' | 'summary'>,
  captured: readonly Captured[],
): readonly CardLink[] =>
  [...through.keys()].sort().flatMap(name => {
    const adapter = adapters.get(name)
    // A ref that `start` linked is a wish: the card is there once something was captured of it.
    const own = captured.filter(each => each.adapter === name)
    if (summary === undefined || own.length === 0) return []
    const refs = { [name]: opened.get(name) ?? summary.refs[name] ?? {} }
    const link = linkOf(name, adapter, { refs }, own)
    return link === undefined ? [] : [{ adapter: name, ...link }]
  })

/** A delivery that was applied, and what its answer said of its card. */
export type Applied = Readonly<{
  /** As it was claimed. */
  delivery: Pick<Delivery, 'adapter' | 'lane' | 'key'> & Readonly<{ descriptor: Descriptor }>
  /** Values captured from the reply or the found item, by name. */
  captures: Readonly<Record<string, Json>>
}>

const TURN = /(?:\/r\d+)?$/

/**
 * The ends of the keys of what made the cards that are known, by adapter: none for a first card, `/r2` for the one after it. Keys
 * of a card are those of the session's start, which has the session's id.
 */
const turnsOf = (sessionId: string, captured: readonly Captured[]): ReadonlyMap<string, string> =>
  new Map(
    captured.flatMap(({ adapter, key }) =>
      key.startsWith(`${sessionId}/${adapter}/`) ? [[adapter, TURN.exec(key)?.[0] ?? ''] as const] : [],
    ),
  )

/** Whether the session has cards that may show each other. */
export const showsLinks = (
  { adapters, crossLinks }: RecorderContext,
  { through, isForgotten }: LiveSession,
): boolean =>
  crossLinks &&
  !isForgotten &&
  through.size > 1 &&
  [...through.keys()].some(name => adapters.get(name)?.hooks.linked !== undefined)

/** Reads which cards of a session are known. */
export const readLinks = async (
  parts: RecorderContext,
  sessionId: string,
  live: LiveSession,
): Promise<LiveSession> => {
  const captured = parts.crossLinks && !live.isForgotten ? await parts.store.listCaptures(sessionId) : []
  live.links = linksOf(parts, live, captured)
  live.turns = turnsOf(sessionId, captured)
  live.known = JSON.stringify([live.links, [...live.turns]])
  return live
}

/** Where a session is in the service of an adapter; `adapter` is the tracker's, where it has one of that name. */
export const linkOf = (
  name: string,
  adapter: AnyAdapter | undefined,
  session: Pick<Session, 'refs'>,
  captured: readonly Captured[],
): Link | undefined => {
  const own = captured.filter(each => each.adapter === name)
  return adapter?.link === undefined ? findLink(own) : linkBy(adapter, readKnown(adapter, session, own))
}

/** Whether a call sets the text of the card: its creation, or an edit. */
export const isCardText = ({ coalesce, holds }: Descriptor): boolean =>
  coalesce?.name === 'card' || holds === true
