import type { AnyAdapter, Known } from '../adapter/contract.ts'
import { readRefs } from '../adapter/plan.ts'
import { atOnce } from '../session/at-once.ts'
import type { Session } from '../session/session.ts'
import type { Captured } from '../store/contract.ts'

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
