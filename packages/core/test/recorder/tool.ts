import * as z from 'zod'
import type { Adapter, Hooks, Mode } from '../../src/adapter/contract.ts'
import { httpOutcome } from '../../src/adapter/http-outcome.ts'
import { action, read } from '../../src/adapter/plan.ts'
import type { Incoming } from '../../src/delivery/model.ts'
import { targetOf } from '../../src/delivery/place.ts'
import { originOf } from '../../src/descriptor/wire.ts'
import type { Recorder, RecorderOptions } from '../../src/recorder/contract.ts'
import { createRecorder } from '../../src/recorder/recorder.ts'
import { isTrackerError } from '../../src/session/errors.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import type { Session } from '../../src/session/session.ts'
import type { Commit, Store } from '../../src/store/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fakes.ts'

/** Configuration of the tests' service: boards with cards, and comments below them. */
export type Config = Readonly<{ base: string; mode?: string; token?: string; clean?: () => string }>

const card = z.strictObject({ text: z.string() })
const http = { kind: 'http' as const }

const make = action(
  'make',
  card,
  ({ text }, { config }: { key: string; config: Config }) => ({
    ...http,
    method: 'POST',
    endpoint: `${config.base}/cards`,
    payload: { text },
    repeat: 'unsafe',
    captures: { card: '/id' },
  }),
  { about: 'Makes a card.', example: { text: 'x' } },
)
const edit = action(
  'edit',
  card,
  ({ text }, { config }: { key: string; config: Config }) => ({
    ...http,
    method: 'PUT',
    endpoint: `${config.base}/cards/{card}`,
    payload: { text },
    repeat: 'safe',
    coalesce: { name: 'card' },
  }),
  { about: 'Edits the card.', example: { text: 'x' } },
)
const comment = action(
  'comment',
  card,
  ({ text }, { config, key }: { key: string; config: Config }) => ({
    ...http,
    method: 'POST',
    endpoint: `${config.base}/cards/{card}/comments`,
    payload: { text, key },
    repeat: 'unsafe',
  }),
  { about: 'Adds a comment.', example: { text: 'x' } },
)
const remove = action(
  'remove',
  z.strictObject({ id: z.string() }),
  ({ id }, { config }: { key: string; config: Config }) => ({
    ...http,
    method: 'DELETE',
    endpoint: `${config.base}/cards/${id}`,
    repeat: 'safe',
  }),
  { about: 'Removes a card.', example: { id: 'x' }, effect: 'destructive' },
)
const list = read(
  'list',
  z.strictObject({ limit: z.number().default(10) }),
  z.array(z.looseObject({ id: z.string() })),
  ({ limit }, { config }: { key: string; config: Config }) => ({
    call: { ...http, method: 'GET', endpoint: `${config.base}/cards`, query: { limit } },
    list: '/cards',
  }),
  { about: 'Lists cards.', example: {} },
)

/** The service's actions. */
export const actions = { make, edit, comment, remove, list }

const line = (session: Session) =>
  `${session.title} | ${session.status} ${session.progress} | ${session.updates.map(each => each.description).join(', ')}`

/** A card service: a card that is edited, comments for decisions and the summary. */
export const cards: Hooks<Config> = {
  start: (_, session) => [at => ({ ...make({ text: line(session) })(at), holds: true })],
  update: (_, session) => [edit({ text: line(session) })],
  decision: (decision, session) => [comment({ text: decision.content }), edit({ text: line(session) })],
  close: (close, session) => [edit({ text: line(session) }), comment({ text: close.summary ?? close.end })],
}

/** An adapter of the tests' service. */
export const tool = <const N extends string = 'tool'>(
  more: Readonly<{
    name?: N
    mode?: Mode
    hooks?: Hooks<Config>
    config?: Config
    when?: (event: SessionEvent, session: Session) => boolean
    allowDestructive?: boolean
  }> = {},
): Adapter<Config, N, typeof actions> => ({
  name: more.name ?? ('tool' as N),
  config: more.config ?? { base: 'https://tool.test' },
  mode: more.mode ?? 'execute',
  hooks: more.hooks ?? cards,
  actions,
  limits: { rates: {} },
  check: { call: { ...http, method: 'GET', endpoint: 'https://tool.test/me' } },
  outcome: httpOutcome,
  secrets: ['TOOL_TOKEN'],
  origins: [(more.config ?? { base: 'https://tool.test' }).base].map(originOf),
  ...(more.when === undefined ? {} : { when: more.when }),
  ...(more.allowDestructive === undefined ? {} : { allowDestructive: more.allowDestructive }),
})

/** Ids that count up, with a letter to tell recorders apart. */
export const counting = (letter = 'i'): (() => string) => {
  let n = 0
  return () => `${letter}${++n}`
}

/** A recorder on its own memory, its clock, and everything it committed. */
export type Bench = Readonly<{
  recorder: Recorder
  store: Store
  clock: FakeClock
  commits: readonly Commit[]
}>

/** Makes a recorder for a test. */
export const bench = (
  options: Partial<RecorderOptions> & Readonly<{ clock?: FakeClock; change?: (store: Store) => Store }> = {},
): Bench => {
  const { clock = fakeClock(), change = same => same, ...more } = options
  const commits: Commit[] = []
  const base = more.store ?? memoryStore({ now: clock.now })
  const store = change({
    ...base,
    commit: async given => {
      const placed = await base.commit(given)
      commits.push(given)
      return placed
    },
  })
  const recorder = createRecorder({
    adapters: [],
    project: 'billing',
    user: 'fixer',
    now: clock.now,
    newId: counting(),
    ...more,
    store,
  })
  return { recorder, store, clock, commits }
}

/** What a commit planned, as pairs of key and text. */
export const texts = (deliveries: readonly Incoming[]): readonly (readonly [string, unknown])[] =>
  deliveries.map(({ key, descriptor, reason }) => [
    key,
    descriptor?.kind === 'http' ? (descriptor.payload as { text: unknown }).text : reason,
  ])

/** Code, field and message of what a promise is rejected with. */
export const refusal = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (thrown) {
    return isTrackerError(thrown) ? [thrown.code, thrown.field, thrown.message] : thrown
  }
  return 'accepted'
}

/** Answers the heads of all lanes until nothing waits: with what `answer` captures, or by letting them die. */
export const deliver = async (
  store: Store,
  adapter: string,
  answer: (
    action: string,
    key: string,
  ) => Readonly<{ captures?: Readonly<Record<string, string>>; dead?: string; gone?: true }>,
  target: string = targetOf(tool()),
): Promise<readonly string[]> => {
  const sent: string[] = []
  for (;;) {
    const { claims } = await store.claim({
      adapters: [{ name: adapter, target, room: 10, concurrency: 10, rates: {} }],
      lease: { baseMs: 60_000, readMs: 0 },
      afterMs: 60_000,
      unreportedMax: 3,
    })
    if (claims.length === 0) return sent
    for (const { delivery } of claims) {
      const { key, token, action, attempts } = delivery
      if (delivery.descriptor.repeat !== 'safe') await store.begin([{ key, token }])
      const { captures, dead, gone } = answer(action, key)
      sent.push(key)
      const base = { key, token, attempts, dueAt: store.now(), doubtSince: null, misses: 0, rejected: null }
      await store.settle([
        dead === undefined
          ? { ...base, state: 'delivered', reason: null, ...(captures === undefined ? {} : { captures }) }
          : { ...base, state: 'dead', reason: dead, ...(gone === true ? { gone: dead } : {}) },
      ])
    }
  }
}
