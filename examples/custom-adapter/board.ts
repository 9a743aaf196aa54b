import {
  type Adapter,
  type At,
  action,
  card,
  entry,
  httpOutcome,
  type Lookup,
} from '@sessionwire/core/adapter'
import * as z from 'zod'

type Config = Readonly<{ baseUrl: string; token: string }>
type Here = At<Config>

const call = (config: Config, method: 'GET' | 'POST' | 'PUT', path: string) =>
  ({
    kind: 'http',
    method,
    endpoint: `${config.baseUrl}${path}`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.token },
  }) as const

/** A create: the board has no idempotency, so each note carries our key and is looked up before it is sent again. */
const addNote = action(
  'addNote',
  z.strictObject({ text: z.string().min(1), under: z.literal('card').optional(), n: z.int().default(1) }),
  ({ text, under, n }, { key, config }: Here) => {
    // What it captures has a name, so that later calls can say `{ $ref: 'card' }`.
    const name = under === undefined ? 'card' : `note.${n}`
    return {
      ...call(config, 'POST', '/notes'),
      payload: { text, key, ...(under === undefined ? {} : { under: { $ref: 'card' } }) },
      captures: { [name]: '/id' },
      repeat: {
        by: 'mark',
        call: call(config, 'GET', '/notes'),
        list: '/notes',
        where: { pointer: '/key', equals: key },
        captures: { [name]: '/id' },
      },
    }
  },
  { about: 'Adds a note.', example: { text: 'Lock per invoice', under: 'card' } },
)

/** A state: sent again it does no harm, and a newer one takes its place while it waits. */
const rewrite = action(
  'rewrite',
  z.strictObject({ text: z.string().min(1) }),
  ({ text }, { config }: Here) => ({
    ...call(config, 'PUT', '/notes/{card}'),
    payload: { text },
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: 5_000 },
  }),
  { about: 'Rewrites the card.', example: { text: 'Stop double charging' } },
)

const check = (config: Config): Lookup => ({ call: call(config, 'GET', '/notes'), list: '/notes' })
const words = (session: Parameters<typeof card>[0]): string =>
  `${card(session).title}: ${card(session).standing}, ${session.progress} %`

/** The adapter. Unlike those that are published it checks no options. */
export const board = (
  config: Config,
): Adapter<Config, 'board', { addNote: typeof addNote; rewrite: typeof rewrite }> => ({
  ...{ name: 'board', config, mode: 'execute', actions: { addNote, rewrite }, limits: { rates: {} } },
  ...{ check: check(config), secrets: [config.token], outcome: httpOutcome },
  hooks: {
    start: (_, session) => [addNote({ text: words(session) })],
    update: (_, session) => [rewrite({ text: words(session) })],
    decision: (_, session, event) => [
      addNote({ text: `Decision: ${entry(event, session)?.text}`, under: 'card', n: event.sequence }),
    ],
    close: (_, session) => [rewrite({ text: words(session) })],
  },
})
