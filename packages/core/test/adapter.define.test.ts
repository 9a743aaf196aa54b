import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import {
  type Adapter,
  action,
  address,
  type ConfigOf,
  defineAdapter,
  httpOutcome,
  type OptionsOf,
} from '../src/adapter.ts'

const options = {
  /** Id of the board. */
  board: z.string('expected the id of a board').regex(/^b\d+$/, 'expected the id of a board'),
  /** Number of the list. */
  list: z.int().optional(),
  baseUrl: z.optional(address('https://board.example')).default('https://board.example'),
}
const secrets = { BOARD_USER: 'public', BOARD_PASSWORD: 'secret', BOARD_TOKEN: 'secret' } as const
const ways = { password: ['BOARD_USER', 'BOARD_PASSWORD'], token: ['BOARD_TOKEN'] } as const
type Config = ConfigOf<typeof options, typeof secrets, typeof ways>
type Options = OptionsOf<typeof options, typeof secrets, typeof ways>

const call = ({ baseUrl }: Config) => ({ kind: 'http', method: 'GET', endpoint: `${baseUrl}/me` }) as const
const note = action(
  'createNote',
  z.strictObject({ body: z.string() }),
  ({ body }, { config }: { key: string; config: Config }) => ({
    ...call(config),
    payload: body,
    captures: { note: '/id', url: '/url' },
    repeat: 'unsafe' as const,
  }),
  { about: 'Adds a note.', example: { body: 'x' } },
)
const board = defineAdapter({
  service: 'board',
  options,
  secrets,
  ways,
  env: { board: 'BOARD_ID', list: 'BOARD_LIST' },
  actions: { createNote: note },
  hooks: {},
  limits: { rates: {} },
  check: config => ({ call: call(config) }),
  outcome: httpOutcome,
  isOwn: (reply, { list }) => reply.status === list,
  origins: ({ baseUrl }) => [`${baseUrl}/api`, 'https://vendor.example/x'],
})

test('assembles an adapter from the smallest options', () => {
  const { outcome, isOwn, ...adapter } = board({ board: 'b1' })
  expect(adapter).toEqual({
    name: 'board',
    config: {
      as: 'board',
      auth: 'password',
      board: 'b1',
      baseUrl: 'https://board.example',
      updates: 'card',
      secrets: { BOARD_USER: 'BOARD_USER', BOARD_PASSWORD: 'BOARD_PASSWORD', BOARD_TOKEN: 'BOARD_TOKEN' },
    },
    mode: 'execute',
    hooks: {},
    actions: { createNote: note },
    limits: { rates: {} },
    check: { call: { kind: 'http', method: 'GET', endpoint: 'https://board.example/me' } },
    secrets: ['BOARD_USER', 'BOARD_PASSWORD'],
    publicSecrets: ['BOARD_USER'],
    origins: ['https://board.example', 'https://vendor.example'],
    refs: [],
  })
  expect(isOwn?.({ kind: 'answer', status: 200, headers: {}, body: '' })).toBe(false)
  expect(
    outcome({ kind: 'answer', status: 200, headers: {}, body: '' }, { action: 'x', role: 'call' }),
  ).toEqual({ kind: 'delivered' })
})

test('keeps functions, headers and permissions out of the configuration', () => {
  const when = () => true
  const transform = () => undefined
  const adapter = board({
    as: 'ops',
    board: 'b1',
    auth: 'token',
    mode: 'handoff',
    when,
    transform,
    allowDestructive: true,
    onDoubt: 'repeat',
    headers: { 'x-team': 'a' },
    allowPlaintext: true,
    baseUrl: 'http://board.internal:8080/',
    secrets: { BOARD_TOKEN: 'OPS_TOKEN' },
  })
  expect(adapter).toMatchObject({
    name: 'ops',
    mode: 'handoff',
    when,
    transform,
    allowDestructive: true,
    onDoubt: 'repeat',
    headers: { 'x-team': 'a' },
    allowPlaintext: true,
    secrets: ['OPS_TOKEN'],
    publicSecrets: [],
    origins: ['http://board.internal:8080', 'https://vendor.example'],
  })
  expect(adapter.config).toEqual({
    as: 'ops',
    auth: 'token',
    board: 'b1',
    baseUrl: 'http://board.internal:8080',
    updates: 'card',
    secrets: { BOARD_USER: 'BOARD_USER', BOARD_PASSWORD: 'BOARD_PASSWORD', BOARD_TOKEN: 'OPS_TOKEN' },
  })
})

describe('refuses', () => {
  // biome-ignore format: a table is read one line at a time
  test.for([
    [{}, 'board.board: missing; expected the id of a board.'],
    [{ board: 'x' }, 'board.board: invalid value; expected the id of a board, got the string "x".'],
    [{ board: 'b1', as: '1st' }, 'board.as: invalid value; expected a name of letters, digits, - and _ that begins with a letter, got the string "1st".'],
    [{ board: 'b1', lsit: 1 }, 'board.lsit: unknown option (did you mean "list"?)'],
    [{ board: 'b1', apiToken: 'x' }, 'board.apiToken: unknown option; credentials are read from the environment: set BOARD_USER or BOARD_PASSWORD or BOARD_TOKEN'],
    [{ board: 'b1', secrets: { BOARD_TOKEN: 'eyJhbGciOi' } }, 'board.secrets.BOARD_TOKEN: invalid value; expected the name of a secret, not its value.'],
    [{ board: 'b1', auth: 'cookie' }, 'board.auth: unknown value; expected one of "password", "token", got the string "cookie".'],
    [{ board: 'b1', baseUrl: 'http://10.0.0.8' }, 'board.baseUrl: unencrypted address of another machine; expected https, got http://10.0.0.8. Set allowPlaintext: true to allow it.'],
    [{ board: 'b1', allowPlaintext: true, baseUrl: 'http://board.example' }, 'board.baseUrl: invalid value; expected an https address'],
    [{ board: 'b1', sessionUrl: 'https://x.example' }, 'board.sessionUrl: invalid value; expected a web address with {id} in it'],
    [{ board: 'b1', transform: 1 }, 'board.transform: invalid value; expected a function, got the number 1.'],
  ] as const)('%j', ([given, message]) => {
    expect(() => board(given as never)).toThrow(message)
    expect(() => board(given as never)).toThrow(expect.objectContaining({ code: 'CONFIG' }) as Error)
  })
})

describe('reads the environment', () => {
  const token = { BOARD_TOKEN: 't' }
  // biome-ignore format: a table is read one line at a time
  test.for([
    ['nothing', {}, undefined],
    ['another variable', { BOARD_COLOUR: 'red' }, undefined],
    ['switched off', { ...token, BOARD_ID: 'b1', BOARD_ENABLED: 'no' }, undefined],
    ['the second way', { ...token, BOARD_ID: 'b1', BOARD_LIST: '7' }, { auth: 'token', board: 'b1', list: 7 }],
    ['the first of two ways', { ...token, BOARD_USER: 'u', BOARD_PASSWORD: 'p', BOARD_ID: 'b1' }, { auth: 'password' }],
    ['a whole way before half a one', { ...token, BOARD_USER: 'u', BOARD_ID: 'b1' }, { auth: 'token' }],
  ] as const)('%s', ([, env, config]) => {
    const adapter = board.fromEnv({}, env)
    if (config === undefined) expect(adapter).toBeUndefined()
    else expect(adapter?.config).toMatchObject(config)
  })
  // biome-ignore format: a table is read one line at a time
  test.for([
    [{ ...token }, 'BOARD_ID: missing, although BOARD_TOKEN is set. Set BOARD_ID, or BOARD_ENABLED=false.'],
    [{ BOARD_ID: 'b1' }, 'BOARD_USER: missing, although BOARD_ID is set. Set BOARD_USER and BOARD_PASSWORD, or BOARD_ENABLED=false.'],
    [{ BOARD_ID: 'b1', BOARD_USER: 'u' }, 'BOARD_PASSWORD: missing, although BOARD_ID is set.'],
    [{ BOARD_LIST: '7' }, 'BOARD_ID: missing, although BOARD_LIST is set.'],
    [{ BOARD_ENABLED: 'true' }, 'BOARD_ID: missing, although BOARD_ENABLED is on.'],
    [{ BOARD_ENABLED: 'maybe' }, 'BOARD_ENABLED: invalid value; expected true or false, got the string "maybe".'],
    [{ ...token, BOARD_ID: 'b1', BOARD_LIST: 'many' }, 'board.list: '],
  ] as const)('refuses %j', ([env, message]) => expect(() => board.fromEnv({}, env)).toThrow(message))
  test('lets the program have the last word', () => {
    const env = { BOARD_TOKEN: 'other', OPS: 't', BOARD_ID: 'b1' }
    expect(board.fromEnv({ board: 'b2', secrets: { BOARD_TOKEN: 'OPS' } }, env)).toMatchObject({
      config: { board: 'b2' },
      secrets: ['OPS'],
    })
    expect(board.fromEnv({ board: 'b2' }, {})).toBeUndefined()
  })
})

test('types options, configuration, names and captures', () => {
  expectTypeOf(board({ board: 'b1' })).toEqualTypeOf<
    Adapter<Config, 'board', { createNote: typeof note }, never>
  >()
  expectTypeOf(board({ as: 'ops', board: 'b1' }).name).toEqualTypeOf<'ops'>()
  expectTypeOf<Options['board']>().toEqualTypeOf<string>()
  expectTypeOf<Options['list']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Config['auth']>().toEqualTypeOf<'password' | 'token'>()
  expectTypeOf(note.captures).returns.toEqualTypeOf<readonly ('note' | 'url')[]>()
  expect(note.captures(board({ board: 'b1' }).config)).toEqual(['note', 'url'])
  // @ts-expect-error an unknown option
  expect(() => board({ board: 'b1', colour: 'red' })).toThrow('board.colour: unknown option')
})

const either = defineAdapter({
  service: 'either',
  options: { project: z.string().optional(), projectId: z.int().optional() },
  secrets: { EITHER_TOKEN: 'secret' },
  env: { project: 'EITHER_PROJECT', projectId: 'EITHER_PROJECT_ID' },
  oneOf: [['project', 'projectId']],
  configure: ({ project, projectId, ...rest }) => ({ ...rest, where: project ?? projectId ?? 0 }),
  mode: 'preview',
  actions: {},
  hooks: {},
  limits: { rates: {} },
  check: ({ where }) => ({ call: { kind: 'http', method: 'GET', endpoint: `https://e.example/${where}` } }),
  outcome: httpOutcome,
  origins: () => ['https://e.example'],
})

test('needs one of several options, and derives a configuration', () => {
  expect(() => either({})).toThrow('either.project: missing. Give project or projectId.')
  expect(either({ projectId: 7 })).toMatchObject({ mode: 'preview', config: { where: 7 } })
  expect(either.fromEnv({}, { EITHER_TOKEN: 't', EITHER_PROJECT_ID: '7' })?.config.where).toBe(7)
  expect(() => either.fromEnv({}, { EITHER_TOKEN: 't' })).toThrow('EITHER_PROJECT: missing, although')
})

// biome-ignore format: a table is read one line at a time
test.each([
  [{ outcom: httpOutcome, outcome: undefined }, 'defineAdapter.outcom: unknown field "outcom" (did you mean "outcome"?)'],
  [{ check: undefined }, 'defineAdapter.check: missing; expected a function.'],
  [{ origins: undefined }, 'defineAdapter.origins: missing; expected a function.'],
  [{ outcome: 1 }, 'defineAdapter.outcome: invalid value; expected a function, got the number 1.'],
  [{ removals: () => undefined }, 'defineAdapter.removals: invalid type; expected an object of functions, got a function.'],
  [{ service: '' }, 'defineAdapter.service: invalid value; expected a string, got an empty string.'],
  [{ actions: { addNote: note } }, `defineAdapter.actions.addNote: invalid action; expected one made by action('addNote', …) or read('addNote', …), got the action "createNote".`],
  [{ actions: { addNote: 7 } }, `defineAdapter.actions.addNote: invalid action; expected one made by action('addNote', …) or read('addNote', …), got the number 7.`],
])('refuses a definition with %j, by its field', (wrong, message) => {
  const whole = {
    ...{ service: 'board', options, secrets, actions: { createNote: note }, hooks: {}, limits: { rates: {} } },
    ...{ check: () => ({ call: { kind: 'http', method: 'GET', endpoint: 'https://board.example' } }) },
    ...{ outcome: httpOutcome, origins: () => ['https://board.example'] },
  }
  expect(() => defineAdapter({ ...whole, ...wrong } as never)).toThrow(message)
  expect(() => defineAdapter(whole as never)).not.toThrow()
})
