import type { Timers } from '../delivery/waits.ts'
import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { createRandom } from './fakes.ts'

/** A clock that only the simulation moves. */
export interface World {
  readonly now: () => number
  readonly random: () => number
  readonly at: (time: number, call: () => void) => void
  /** Runs what is planned up to a time, in order of time, and moves the clock there. */
  readonly run: (until: number) => Promise<void>
}

/** Makes a world; `start` is its first time, epoch ms. */
export const createWorld = (seed: number, start: number): World => {
  const random = createRandom(seed)
  let now = start
  let count = 0
  let planned: { time: number; order: number; call: () => void }[] = []
  return {
    now: () => now,
    random,
    at: (time, call) => {
      planned.push({ time: Math.max(now, time), order: count++, call })
    },
    run: async until => {
      for (;;) {
        // Every promise that can go on goes on before the clock moves.
        await new Promise<void>(resolve => setImmediate(resolve))
        // A store may have let the process's loop turn once.
        await new Promise<void>(resolve => setImmediate(resolve))
        let next = planned[0]
        for (const each of planned)
          if (
            next !== undefined &&
            (each.time < next.time || (each.time === next.time && each.order < next.order))
          )
            next = each
        if (next === undefined || next.time > until) break
        planned = planned.filter(each => each !== next)
        now = next.time
        next.call()
      }
      now = Math.max(now, until)
    },
  }
}

/** State of the simulated service. */
type Item = Readonly<{ id: string; key: string; thread: string | null; at: number; visibleAt: number }>

/** A service that keeps items in order of arrival and one card per thread, and fails in every way on request. */
export interface SimulatedService {
  readonly send: (request: Json) => Promise<Reply>
  /** Applies a request at once and answers it well: a person's tool. */
  readonly byHand: (request: Json) => Json
  readonly items: Item[]
  readonly cards: Map<string, string>
  /** Edits that arrived, and when each was answered with a success. */
  readonly edits: Edit[]
  /** When requests that write arrived. */
  readonly writes: number[]
  faulty: boolean
  /** Makes nothing, and never will. */
  closed: boolean
  refusedRepeats: number
  /** The workflow state of each card: one that is `done` takes no edits. */
  readonly states: Map<string, string>
  /** Edits that came while their card was done. */
  refusedEdits: number
  /** Cards that a person deleted. */
  readonly deleted: Set<string>
}

type Edit = Readonly<{ card: string; text: string; at: number }> & { answeredAt?: number }

/** Longest time from sending until the request takes effect and is seen by look-ups, ms: below what is waited for. */
const LATE_MS = 55_000
const LAG_MS = 4_000

/** Items in one page of a list, and how many other people write at most: well within the pages a look-up reads. */
const PAGE = 3
const BUSY = 40

type Fields = Readonly<Record<string, Json>>
const JSON_TYPE = { 'content-type': 'application/json' }
const answer = (status: number, body: Json): Reply => ({ kind: 'answer', status, headers: JSON_TYPE, body })
/** Answer of a proxy while the service behind it is replaced. */
const foreign: Reply = { kind: 'answer', status: 404, headers: {}, body: '404 page not found' }

/** Whether an answer is the service's own: what an adapter declares. */
export const isOwn = ({ headers }: Readonly<{ headers: Readonly<Record<string, string>> }>): boolean =>
  headers['content-type'] === JSON_TYPE['content-type']

const lost: Reply = { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'connection reset' }
const late: Reply = { kind: 'failure', sent: 'perhaps', code: 'timeout', reason: 'timed out' }
const refused: Reply = { kind: 'failure', sent: 'no', code: 'refused', reason: 'connection refused' }

/** How a request fares: when it is applied (ms from now; absent: never) and what is answered when. */
type Fare = Readonly<{ applyIn?: number; answerIn: number; reply?: Reply; lagMs?: number }>

/** Makes the service. `ids`: it knows our ids and refuses a repeated one; `timeoutMs` is the client's. */
export const createService = (world: World, ids: boolean, timeoutMs: number): SimulatedService => {
  const { random } = world
  const fares: readonly ((create: boolean) => Fare)[] = [
    () => ({ applyIn: random() * 200, answerIn: random() * 400, reply: lost }),
    () => ({ applyIn: timeoutMs + random() * (LATE_MS - timeoutMs), answerIn: timeoutMs, reply: late }),
    () => ({ applyIn: random() * LATE_MS, answerIn: random() * 300, reply: lost }),
    () => ({ answerIn: timeoutMs, reply: late }),
    () => ({ answerIn: random() * 100, reply: refused }),
    () => ({ answerIn: random() * 200, reply: answer(500, 'not applied') }),
    () => ({ applyIn: random() * 100, answerIn: 100 + random() * 200, reply: answer(500, 'applied') }),
    () => ({ answerIn: random() * 100, reply: answer(429, 'slow down') }),
    create => ({
      answerIn: random() * 100,
      reply: answer(create && random() < 0.3 ? 400 : 429, 'a permission is missing'),
    }),
    () => ({ applyIn: random() * 100, answerIn: 100 + random() * 200, reply: answer(200, {}) }),
    () => ({ answerIn: random() * 100, reply: foreign }),
    () => ({ applyIn: random() * 100, answerIn: 100 + random() * 200, reply: foreign }),
    // Seen far too late, where a repeated id is refused: the refusal is not the truth.
    create =>
      create && ids
        ? { applyIn: timeoutMs + random() * 70_000, answerIn: timeoutMs, reply: late, lagMs: 50_000 }
        : { answerIn: 50, reply: refused },
  ]
  const service: SimulatedService = {
    items: [],
    cards: new Map(),
    edits: [],
    writes: [],
    faulty: true,
    closed: false,
    refusedRepeats: 0,
    states: new Map(),
    refusedEdits: 0,
    deleted: new Set(),
    send: request => handle(request as Fields),
    byHand: request => (apply(request as Fields, 0) as Extract<Reply, { kind: 'answer' }>).body,
  }
  /** How often each card was edited. */
  const versions = new Map<string, number>()

  /** Items of other people, so that our item is not always on the first page. */
  const chatter = (): void => {
    service.items.push({
      id: `other-${service.items.length}`,
      key: 'other',
      thread: null,
      at: world.now(),
      visibleAt: world.now(),
    })
    if (service.faulty && service.items.length < BUSY) world.at(world.now() + random() * 20_000, chatter)
  }
  world.at(world.now() + 1_000, chatter)

  const create = (payload: Fields, lagMs: number): Reply => {
    const key = payload.key as string
    if (service.closed) return answer(400, 'a permission is missing')
    if (service.deleted.has(String(payload.thread))) return answer(410, 'no such card')
    if (ids && service.items.some(item => item.key === key)) {
      service.refusedRepeats++
      return answer(409, 'this id exists already')
    }
    const item: Item = {
      id: `item-${service.items.length}`,
      key,
      thread: (payload.thread as string | undefined) ?? null,
      at: world.now(),
      visibleAt: world.now() + lagMs,
    }
    service.items.push(item)
    return answer(200, { item: { ...item } })
  }

  const list = (query: Fields): Reply => {
    const from = Number(query.cursor ?? 0)
    const since = Number(query.since)
    const seen = service.items.filter(item => item.visibleAt <= world.now() && item.at >= since)
    const page = seen.slice(from, from + PAGE).map(item => ({ ...item }))
    return answer(200, { items: page, next: from + PAGE < seen.length ? String(from + PAGE) : null })
  }

  const apply = (request: Fields, lagMs: number): Reply => {
    const last = String(request.endpoint).split('/').at(-1) ?? ''
    if (request.method === 'GET' && last === 'cards') {
      const card = String((request.query as Fields).card)
      return answer(200, { cards: [{ version: versions.get(card) ?? 0 }] })
    }
    if (request.method === 'GET' && last === 'items') return list(request.query as Fields)
    if (request.method === 'POST') return create(request.payload as Fields, lagMs)
    if (service.deleted.has(last)) return answer(request.method === 'GET' ? 404 : 410, 'no such card')
    if (!service.items.some(item => item.id === last)) return answer(400, 'no such card')
    if (request.method === 'GET') return answer(200, { id: last })
    const { text, version, state } = request.payload as Fields
    if (state !== undefined) {
      service.states.set(last, String(state))
      return answer(200, { ok: true })
    }
    if (service.states.get(last) === 'done') {
      service.refusedEdits++
      return answer(400, 'it is done, and takes no edits')
    }
    const current = versions.get(last) ?? 0
    if (version !== undefined && version !== current) return answer(409, 'it was edited meanwhile')
    versions.set(last, current + 1)
    service.cards.set(last, String(text))
    return answer(200, { ok: true })
  }

  const handle = (request: Fields): Promise<Reply> =>
    new Promise(resolve => {
      const edit: Edit | undefined =
        request.method === 'PUT' && (request.payload as Fields).text !== undefined
          ? {
              card: String(request.endpoint),
              text: String((request.payload as Fields).text),
              at: world.now(),
            }
          : undefined
      if (edit !== undefined) service.edits.push(edit)
      if (request.method !== 'GET') service.writes.push(world.now())
      const well: Fare = { applyIn: random() * 100, answerIn: 100 + random() * 200 }
      const fare =
        service.faulty && random() < 0.45
          ? (fares[Math.floor(random() * fares.length)]?.(request.method === 'POST') ?? well)
          : well
      // Another object's answer, where ours would carry our id.
      const mixed =
        service.faulty && ids && request.method === 'POST' && random() < 0.05
          ? service.items.find(item => item.key !== 'other')
          : undefined
      let truth: Reply | undefined
      if (fare.applyIn !== undefined)
        world.at(world.now() + fare.applyIn, () => {
          truth = apply(request, fare.lagMs ?? random() * LAG_MS)
        })
      const other = mixed === undefined ? undefined : answer(200, { item: { ...mixed } })
      world.at(world.now() + fare.answerIn, () => {
        const reply = fare.reply ?? other ?? truth ?? lost
        if (edit !== undefined && reply.kind === 'answer' && reply.status === 200)
          edit.answeredAt = world.now()
        resolve(reply)
      })
    })
  return service
}

/** Timers that go by the clock of a world. */
export const timersIn = (world: World): Timers => {
  const after = (ms: number, call: () => void): (() => void) => {
    let on = true
    world.at(world.now() + ms, () => on && call())
    return () => {
      on = false
    }
  }
  return { after, keepAlive: after, soon: call => void after(0, call) }
}
