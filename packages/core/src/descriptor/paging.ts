import type { Json } from '../session/schema.ts'
import type { Call, Lookup } from './descriptor.ts'
import type { Answer } from './outcome.ts'
import { at, put } from './pointer.ts'

/** The step after a page: the call for the next one, the end of the list, or why the list cannot be read on. */
export type Paging =
  | Readonly<{ kind: 'next'; call: Call }>
  | Readonly<{ kind: 'end' }>
  | Readonly<{ kind: 'odd'; reason: string }>

const END: Paging = { kind: 'end' }
const next = (call: Call, into: string, value: Json): Paging => ({
  kind: 'next',
  call: put(call as unknown as Json, into, value) as unknown as Call,
})

/** The addresses of a `Link` header (RFC 8288 section 3) that have this relation. */
const findLink = (header: string, relation: string): string | undefined => {
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? []
    const relations = (quoted ?? bare ?? '').toLowerCase().split(/\s+/)
    if (relations.includes(relation.toLowerCase())) return address
  }
  return undefined
}

const followLink = (call: Call, answer: Answer, relation: string): Paging => {
  const address = findLink(answer.headers.link ?? '', relation)
  if (address === undefined || call.kind !== 'http' || typeof call.endpoint !== 'string') return END
  const here = new URL(call.endpoint)
  if (!URL.canParse(address, here.href))
    return { kind: 'odd', reason: `the Link header holds no address for "${relation}"` }
  const url = new URL(address, here.href)
  if (url.origin !== here.origin)
    return { kind: 'odd', reason: `the next page is at ${url.origin}, not at ${here.origin}` }
  url.hash = ''
  const { query: _, ...rest } = call
  // A brace would read as a place of the address.
  const endpoint = url.href.replace(/[{}]/g, encodeURIComponent)
  return { kind: 'next', call: { ...rest, endpoint } }
}

/** Where a list goes on, after `got` items of this page and `read` items of all pages so far, `page` being counted from 0. */
export const nextPage = (
  call: Call,
  answer: Answer,
  lookup: Lookup,
  { got, read, page }: Readonly<{ got: number; read: number; page: number }>,
): Paging => {
  const how = lookup.next
  if (how === undefined) return END
  if ('link' in how) return followLink(call, answer, how.link)
  if ('page' in how) {
    const { first = 1, size, last } = how
    const number = first + page
    if (got === 0 || (size !== undefined && got < size)) return END
    const end = last === undefined ? undefined : at(answer.body, last)
    if (end?.found === true && number >= Number(end.value)) return END
    return next(call, how.page, number + 1)
  }
  if (how.more !== undefined) {
    const more = at(answer.body, how.more)
    if (!more.found || more.value !== true) return END
  }
  const cursor = at(answer.body, how.cursor)
  if (!cursor.found || cursor.value === null || cursor.value === '') return END
  if (how.counted && (got === 0 || !(read < Number(cursor.value)))) return END
  return next(call, how.into, how.counted ? read : cursor.value)
}
