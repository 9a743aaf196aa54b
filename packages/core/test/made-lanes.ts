import type { Delivery, Incoming, Lane } from '../src/delivery/model.ts'
import type { Descriptor, Draft } from '../src/descriptor/descriptor.ts'

export const NOW = Date.UTC(2026, 0, 1)

/** A descriptor with what a test does not care for filled in. */
export const descriptor = (key: string, more: Partial<Draft> = {}): Descriptor =>
  ({
    key,
    action: 'post',
    kind: 'http',
    method: 'POST',
    endpoint: 'https://service.example/items',
    payload: { key },
    repeat: 'unsafe',
    ...more,
  }) as Descriptor

/** A card: safe to repeat, and replaced by the next one. */
export const card = (key: string, everyMs?: number): Descriptor =>
  descriptor(key, {
    repeat: 'safe',
    coalesce: { name: 'card', ...(everyMs === undefined ? {} : { everyMs }) },
  })

/** A call that others need: it captures `name`. */
export const create = (key: string, name = 'thread'): Descriptor =>
  descriptor(key, { captures: { [name]: '/id' } })

/** A call that needs `name`. */
export const child = (key: string, name = 'thread'): Descriptor =>
  descriptor(key, { payload: { key, parent: { $ref: name } } })

/** A look-up by mark. */
export const marked = (key: string, more: Readonly<{ afterMs?: number }> = {}): Descriptor =>
  descriptor(key, {
    captures: { id: '/id' },
    repeat: {
      by: 'mark',
      call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/items' },
      list: '/items',
      where: { pointer: '/key', equals: key },
      captures: { id: '/id' },
      ...more,
    },
  })

/** What is to be placed. */
export const incoming = (given: Descriptor, via: Incoming['via'] = 'execute'): Incoming => ({
  key: given.key,
  action: given.action,
  via,
  sequence: 1,
  descriptor: given,
  holds: given.captures !== undefined,
})

/** A delivery as it is born, with changes. */
export const delivery = (given: Descriptor, position: number, more: Partial<Delivery> = {}): Delivery => ({
  key: given.key,
  adapter: 'a',
  lane: 's',
  position,
  rank: position,
  action: given.action,
  descriptor: given,
  via: 'execute',
  state: 'waiting',
  sequence: 1,
  holds: given.captures !== undefined,
  attempts: 0,
  misses: 0,
  unreported: 0,
  plannedAt: NOW,
  pausedBefore: 0,
  dueAt: NOW,
  ...more,
})

/** A lane of these deliveries. */
export const lane = (deliveries: readonly Delivery[], more: Partial<Lane> = {}): Lane => ({
  adapter: 'a',
  lane: 's',
  through: 0,
  sent: {},
  next: Math.max(-1, ...deliveries.map(each => Math.max(each.position, each.rank))) + 1,
  deliveries,
  ...more,
})
