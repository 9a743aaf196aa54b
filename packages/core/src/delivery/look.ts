import { capture, choose, chooseExact, findNamed, items, soughtBy } from '../descriptor/captures.ts'
import type { Call, Lookup } from '../descriptor/descriptor.ts'
import { fill } from '../descriptor/fill.ts'
import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import { nextPage } from '../descriptor/paging.ts'
import { at } from '../descriptor/pointer.ts'
import type { Json } from '../session/schema.ts'

/**
 * Sends one filled call within the attempt's bounds; a limit without room answers `retry` before anything is sent. `goesOn`: a
 * later page, which waits for room: a list that begins again at each try may need more pages than its limit ever leaves.
 */
export type Send = (
  call: Call,
  role: Role,
  goesOn?: boolean,
) => Promise<Readonly<{ reply: Reply; outcome: Outcome }>>

/** Values by name: captures of the lane, and what this attempt read. */
export type Values = Readonly<Record<string, Json>>

/** Result of a look-up. `none`: read to its end without an item that fits. */
export type Looked =
  | Readonly<{ kind: 'item'; item: Json; captures: Values }>
  | Readonly<{ kind: 'none'; items: readonly Json[] }>
  | Readonly<{
      kind: 'failed'
      outcome: Exclude<Outcome, { kind: 'delivered' | 'rejected' }>
      /** The answer was a success, but it has no such list. */
      unlisted?: true
    }>
  | Readonly<{ kind: 'refused'; reason: string; gone?: true }>
  | Readonly<{ kind: 'missing'; reason: string }>

/** A list that goes on after this many pages counts as no answer: of a look-up, and of a list that a caller wants whole. */
const MAX_PAGES = 20
const MAX_WHOLE = 100

/** Names at a service may be of any length. */
const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text

const odd = (reason: string): Looked => ({ kind: 'failed', outcome: { kind: 'unknown', reason } })

const findItem = (list: readonly Json[], lookup: Lookup, by = choose): Looked | undefined => {
  const item = by(list, lookup.where)
  if (item === undefined) return undefined
  const captured = capture(item, lookup.captures ?? {})
  return captured.ok
    ? { kind: 'item', item, captures: captured.values }
    : odd(
        `${lookup.list === undefined ? 'the answer' : 'the item found'} has no ${captured.missing.join(', ')}`,
      )
}

/**
 * Reads a list page by page until an item fits or the list ends. Only a list read to its end says `none`; a page that is
 * refused, of unexpected shape, or one too many gives no answer at all. `all` reads the list to its end, whatever it finds.
 */
export const look = async (
  lookup: Lookup,
  values: Values,
  firstAt: number,
  send: Send,
  all = false,
): Promise<Looked & Readonly<{ read?: readonly Json[] }>> => {
  const filled = fill(lookup.call, values, firstAt)
  if (!filled.ok) return { kind: 'missing', reason: filled.reason }
  let call: Call | undefined = filled.call
  let hit: Looked | undefined
  const read: Json[] = []
  const asked = new Set<string>()
  const isCounted = lookup.next !== undefined && ('page' in lookup.next || 'counted' in lookup.next)
  let before = ''
  const most = all ? MAX_WHOLE : MAX_PAGES
  for (let page = 0; call !== undefined && page < most; page++) {
    asked.add(JSON.stringify(call))
    const { reply, outcome } = await send(call, 'look-up', page > 0)
    if (outcome.kind === 'rejected') {
      const { reason, gone } = outcome
      return { kind: 'refused', reason, ...(gone === true ? { gone } : {}) }
    }
    if (outcome.kind !== 'delivered') return { kind: 'failed', outcome }
    if (outcome.empty === true) return hit ?? findItem(read, lookup) ?? { kind: 'none', items: read }
    if (reply.kind !== 'answer') return odd('delivered without an answer')
    const list = items(reply.body, lookup)
    if (list === undefined)
      return {
        kind: 'failed',
        outcome: { kind: 'unknown', reason: `no list at ${lookup.list ?? ''}` },
        unlisted: true,
      }
    // A service that ignores where to go on gives the same page again.
    const given = isCounted && list.length > 0 ? JSON.stringify(list) : ''
    if (given !== '' && given === before)
      return odd(`the list does not go on: page ${page + 1} repeats the one before`)
    before = given
    read.push(...list)
    // An item that fits in any case is chosen at the end: another page may have it to the letter.
    hit ??= findItem(list, lookup, chooseExact)
    if (hit !== undefined && !all) return hit
    const paging = nextPage(call, reply, lookup, { got: list.length, read: read.length, page })
    if (paging.kind === 'odd') return odd(paging.reason)
    call = paging.kind === 'next' ? paging.call : undefined
    // A cursor that stands still would give the same items again, for ever.
    if (call !== undefined && asked.has(JSON.stringify(call)))
      return odd(`the list does not go on: page ${page + 1} names itself or an earlier page as the next one`)
  }
  // A part of a list must not pass for the whole of it.
  if (call !== undefined && (all || hit === undefined))
    return odd(`the list has more than ${most} pages (${read.length} items read)`)
  return { ...(hit ?? findItem(read, lookup) ?? { kind: 'none', items: read }), read }
}

type Answered = Awaited<ReturnType<Send>>

/** Answers to reads that may serve other attempts for a while, by the filled call, whichever list of them is read. One per worker. */
export interface ReadCache {
  /** The answer to a call that was read less than `forMs` ago. */
  readonly get: (call: Call, forMs: number) => Answered | undefined
  readonly set: (call: Call, answered: Answered) => void
}

/** At most this many answers are kept; the oldest goes first. */
const KEPT = 100

/** Makes a cache on a monotonic clock (ms). */
export const createReadCache = (monotonic: () => number): ReadCache => {
  const kept = new Map<string, Readonly<{ at: number; answered: Answered }>>()
  return {
    get: (call, forMs) => {
      const found = kept.get(JSON.stringify(call))
      return found !== undefined && monotonic() - found.at < forMs ? found.answered : undefined
    },
    set: (call, answered) => {
      const key = JSON.stringify(call)
      const oldest = kept.keys().next()
      if (!kept.delete(key) && kept.size >= KEPT && !oldest.done) kept.delete(oldest.value)
      kept.set(key, { at: monotonic(), answered })
    },
  }
}

/** A look-up through the cache: where cached answers hold nothing that fits, the list is read once more. */
export const lookCached = async (
  lookup: Lookup,
  values: Values,
  firstAt: number,
  send: Send,
  cache: ReadCache,
): Promise<Looked> => {
  const { cacheMs } = lookup
  if (cacheMs === undefined) return look(lookup, values, firstAt, send)
  let isCached = false
  const sendAndKeep: Send = async (call, role, goesOn) => {
    const answered = await send(call, role, goesOn)
    if (answered.outcome.kind === 'delivered') cache.set(call, answered)
    return answered
  }
  const sendOrRecall: Send = async (call, role, goesOn) => {
    const known = cache.get(call, cacheMs)
    isCached ||= known !== undefined
    return known ?? sendAndKeep(call, role, goesOn)
  }
  const looked = await look(lookup, values, firstAt, sendOrRecall)
  return looked.kind === 'item' || !isCached ? looked : look(lookup, values, firstAt, sendAndKeep)
}

/** Why nothing could be chosen, with what there was: `no status "Done"; there is: To Do, In Review`. */
export const nothingFits = (lookup: Lookup, offered: readonly Json[]): string => {
  const { where } = lookup
  const sought = where === undefined ? '' : soughtBy(where)
  const noun = lookup.noun ?? (lookup.gone === true ? 'card' : 'item')
  const wanted = `no ${noun}${sought === '' ? '' : ` ${cut(JSON.stringify(sought), 100)}`}`
  // A read by id offers no choice.
  if (lookup.list === undefined && offered.length === 0) return wanted
  const names = offered.flatMap(item => {
    const found = at(item, lookup.offer ?? lookup.where?.pointer ?? '')
    return found.found && (typeof found.value === 'string' || typeof found.value === 'number')
      ? [cut(String(found.value), 60)]
      : []
  })
  const isNamed = where !== undefined && 'anyCase' in where && typeof sought === 'string'
  const alike = isNamed ? findNamed(offered, where.pointer, sought).length : 0
  if (alike > 1)
    return `${alike} of ${cut(names.join(', '), 200)} fit ${JSON.stringify(sought)}: give the exact ${noun}`
  const listed = names.length === 0 ? 'nothing' : [...new Set(names)].slice(0, 20).join(', ')
  return `${wanted}; there is: ${listed}`
}
