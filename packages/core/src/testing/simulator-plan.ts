import type { Delivery, Incoming } from '../delivery/model.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'
import type { SimulatedService } from './simulator-world.ts'

const BASE = 'https://simulated.example'
const http = { kind: 'http' as const }
const thread = { $ref: 'thread' }

const lookup = (key: string, by: 'id' | 'mark') => ({
  by,
  call: {
    ...http,
    method: 'GET' as const,
    endpoint: `${BASE}/items`,
    query: { since: { $attempt: 'firstAt', as: 'milliseconds' } },
  },
  list: '/items',
  where: { pointer: '/key', equals: key },
  next: { cursor: '/next', into: '/query/cursor' },
})

const root = (key: string, by: 'id' | 'mark'): Descriptor => ({
  ...http,
  key,
  action: 'create',
  method: 'POST',
  endpoint: `${BASE}/items`,
  payload: { key },
  captures: { thread: '/item/id' },
  repeat: { ...lookup(key, by), captures: { thread: '/id' } },
})

const entry = (key: string, by: 'id' | 'mark', n: number): Descriptor => ({
  ...http,
  key,
  action: 'entry',
  method: 'POST',
  endpoint: `${BASE}/items`,
  payload: { key, thread },
  captures: { [`entry${n}`]: '/item/id' },
  repeat: { ...lookup(key, by), captures: { [`entry${n}`]: '/id' } },
})

/** An answer to an entry: what it needs, an entry that was refused never captured. */
const reply = (key: string, by: 'id' | 'mark', n: number): Descriptor => {
  const { captures: _, repeat: __, ...call } = entry(key, by, n)
  const payload = { key, thread, of: { $ref: `entry${n - 1}` } }
  return { ...call, action: 'reply', payload, repeat: lookup(key, by) } as Descriptor
}

/** Moves the card in its workflow. */
const state = (key: string, to: 'open' | 'done'): Descriptor => ({
  ...http,
  key,
  action: 'state',
  method: 'PUT',
  endpoint: `${BASE}/states/{thread}`,
  payload: { state: to },
  repeat: 'safe',
  coalesce: { name: 'state', place: 'after' },
})

const card = (key: string, text: string, everyMs: number) => ({
  ...http,
  key,
  action: 'edit',
  method: 'PUT' as const,
  endpoint: `${BASE}/cards/{thread}`,
  payload: { text },
  repeat: 'safe' as const,
  coalesce: { name: 'card', everyMs },
})

/** Condition that lets an edit change the card only as it was read. */
const version = {
  payload: { version: { $ref: 'version' } },
  before: [
    {
      call: { ...http, method: 'GET' as const, endpoint: `${BASE}/cards`, query: { card: thread } },
      list: '/cards',
      captures: { version: '/version' },
    },
  ],
}

const incoming = (descriptor: Descriptor, sequence: number): Incoming => ({
  key: descriptor.key,
  action: descriptor.action,
  via: 'execute',
  sequence,
  descriptor,
  holds: descriptor.action === 'create',
})

/**
 * The plan of one event of a lane: the first makes the card, every second adds an entry, the others answer it, and each
 * edits the card.
 */
export const planOf = (lane: string, event: number, by: 'id' | 'mark', everyMs = 0): readonly Incoming[] => {
  const edit = card(`${lane}/${event}/card`, `text ${event}`, everyMs)
  const steps =
    event === 1
      ? [root(`${lane}/1/root`, by)]
      : event % 2 === 0
        ? [entry(`${lane}/${event}/entry`, by, event), edit]
        : [reply(`${lane}/${event}/reply`, by, event), edit]
  return steps.map(step => incoming(step, event))
}

/** An event of a session whose card moves through a workflow: each that closes it is followed by one that resumes it. */
export const workflowPlanOf = (lane: string, event: number): readonly Incoming[] => {
  const edit = card(`${lane}/${event}/card`, `text ${event}`, 0)
  const added = entry(`${lane}/${event}/entry`, 'mark', event)
  const setState = (to: 'open' | 'done') => state(`${lane}/${event}/state`, to)
  const steps =
    event === 1
      ? [root(`${lane}/1/root`, 'mark'), setState('open')]
      : event % 2 === 0
        ? [added, edit, setState('done')]
        : [setState('open'), edit, added]
  return steps.map(step => incoming(step, event))
}

/** The same for a service whose cards have versions, with a limit for what writes. */
export const carefulPlanOf = (lane: string, event: number, everyMs: number): readonly Incoming[] =>
  planOf(lane, event, 'mark').map(each => {
    const edit = card(each.key, `text ${event}`, everyMs)
    const careful = { ...edit, ...version, payload: { ...edit.payload, ...version.payload } }
    const descriptor = each.action === 'edit' ? careful : (each.descriptor as Descriptor)
    return { ...each, descriptor: { ...descriptor, limit: 'writes' } }
  })

/** Result of a lane. */
export type Remains = Readonly<{
  name: string
  events: number
  deliveries: readonly Delivery[]
  refs: Readonly<Record<string, Json>>
  /** Keys that were planned as previews and never released. */
  withheld?: ReadonlySet<string>
  /** Keys that were dead once: order is promised among the others. */
  died?: ReadonlySet<string>
}>

/** Lists the faults of a lane at the end: nothing may be lost, doubled, stale, out of order or stuck. */
export const judge = (
  { name, events, deliveries, refs, withheld = new Set(), died = new Set() }: Remains,
  service: SimulatedService,
): readonly string[] => {
  const faults: string[] = []
  for (const { key, state, action, reason, waitsFor } of deliveries) {
    const effects = service.items.filter(item => item.key === key.replace('/again', '')).length
    if (withheld.has(key)) {
      if (effects > 0) faults.push(`${key} was sent without a release`)
      continue
    }
    // It needs a preview that was never released.
    if (waitsFor !== undefined && withheld.has(waitsFor)) continue
    if (state !== 'delivered' && state !== 'replaced') faults.push(`${key} is ${state}: ${reason ?? ''}`)
    if (action === 'edit' || action === 'state') continue
    if (effects > 1) faults.push(`${key} was applied ${effects} times`)
    if (effects === 0) faults.push(`${key} was lost`)
  }
  const ours = service.items.filter(item => item.key.startsWith(`${name}/`))
  const numbers = ours.map(item => Number(item.key.split('/')[1]))
  for (const [place, item] of ours.entries()) {
    if (item.key.endsWith('/reply') || item.key.endsWith('/reply/again')) continue
    const captured = refs[numbers[place] === 1 ? 'thread' : `entry${numbers[place]}`]
    if (captured !== item.id) faults.push(`${item.key} was captured as ${String(captured)}, not ${item.id}`)
  }
  const text = service.cards.get(ours[0]?.id ?? '')
  let newest = events
  while (withheld.has(`${name}/${newest}/card`)) newest--
  // The first event makes the card, and edits nothing.
  const shown = newest < 2 ? undefined : `text ${newest}`
  if (text !== shown) faults.push(`the card says ${String(text)}, not ${String(shown)}`)
  const previewed = new Set(deliveries.flatMap(({ key, via }) => (via === 'preview' ? [key] : [])))
  const steady = ours.filter(({ key }) => !died.has(key) && !previewed.has(key))
  const order = steady.map(({ key }) => Number(key.split('/')[1]))
  if (order.some((n, place) => n < (order[place - 1] ?? 0)))
    faults.push(`the items stand as ${order.join(', ')}`)
  return faults
}

/** Dead though it was applied, without a doubt on record. */
export const mistaken = (deliveries: readonly Delivery[], service: SimulatedService): readonly string[] =>
  deliveries.flatMap(({ key, state, doubtSince }) =>
    state === 'dead' && doubtSince === undefined && service.items.some(item => item.key === key)
      ? [`${key} is dead though it was applied`]
      : [],
  )

/** Edits of a card that came sooner after the last one than they may. */
export const hasty = ({ edits }: SimulatedService, everyMs: number): readonly string[] =>
  edits.flatMap(({ card, text, at }) => {
    const last = edits.findLast(
      each =>
        each.card === card && each.text !== text && each.answeredAt !== undefined && each.answeredAt <= at,
    )
    const sinceMs = at - (last?.answeredAt ?? Number.NEGATIVE_INFINITY)
    return sinceMs < everyMs ? [`${text} came ${sinceMs} ms after ${last?.text ?? ''}`] : []
  })

/** When writes came although as many as are allowed in so long a time had come already. */
export const findBursts = ({ writes }: SimulatedService, count: number, perMs: number): readonly number[] =>
  writes.filter((at, place) => at - (writes[place - count] ?? Number.NEGATIVE_INFINITY) < perMs)
