import {
  type At,
  action,
  address,
  type ConfigOf,
  cardHooks,
  defineAdapter,
  httpOutcome,
  tellStanding,
} from '@sessionwire/core/adapter'
import * as z from 'zod'

const options = {
  /** Address of the board. */
  baseUrl: address('https://board.example.com'),
}
const secrets = { BOARD_TOKEN: 'secret' } as const
type Config = ConfigOf<typeof options, typeof secrets>
type Here = At<Config>

const call = (config: Config, method: 'GET' | 'POST' | 'PUT', path: string) =>
  ({
    kind: 'http',
    method,
    endpoint: `${config.baseUrl}${path}`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secrets.BOARD_TOKEN },
  }) as const

/** A create: the board has no idempotency, so each note carries our key and is looked up before it is sent again. */
const addNote = action(
  'addNote',
  z.strictObject({ text: z.string().min(1), under: z.literal('card').optional(), n: z.int().default(1) }),
  ({ text, under, n }, { key, config }: Here) => {
    // A captured value has a name, so that later calls can say `{ $ref: 'card' }`.
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

/** The adapter: `cardHooks` decides when the card and its notes are written. */
export const board = defineAdapter({
  service: 'board',
  options,
  secrets,
  env: { baseUrl: 'BOARD_URL' },
  actions: { addNote, rewrite },
  hooks: cardHooks<Config>({
    create: ({ card }) => [addNote({ text: `${card.title}: ${tellStanding(card)}` })],
    edit: ({ card }) => [rewrite({ text: `${card.title}: ${tellStanding(card)}` })],
    entry: ({ heading, text }, { event }) => [
      addNote({ text: `${heading}: ${text}`, under: 'card', n: event.sequence }),
    ],
  }),
  outcome: httpOutcome,
  limits: { rates: {} },
  check: config => ({ call: call(config, 'GET', '/notes'), list: '/notes' }),
  origins: ({ baseUrl }) => [baseUrl],
})
