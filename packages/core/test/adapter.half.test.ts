import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type AnyAdapter, action, defineAdapter, httpOutcome } from '../src/adapter.ts'
import { createTracker, memoryStore } from '../src/index.ts'

const createNote = action(
  'createNote',
  z.strictObject({ body: z.string() }),
  ({ body }) => ({
    ...{ kind: 'http' as const, method: 'POST' as const, endpoint: 'https://board.example/notes' },
    payload: body,
    repeat: 'unsafe' as const,
  }),
  { about: 'Adds a note.', example: { body: 'x' } },
)
const WHOLE = {
  service: 'board',
  options: { list: z.string().optional() },
  secrets: {},
  actions: { createNote },
  hooks: { start: () => [createNote({ body: 'Begun' })] },
  limits: { rates: {} },
  check: () => ({ call: { kind: 'http', method: 'GET', endpoint: 'https://board.example/me' } }),
  outcome: httpOutcome,
  origins: () => ['https://board.example'],
}
type Half = Readonly<Record<string, unknown>>
const define = (half: Half) =>
  defineAdapter({ ...WHOLE, ...half } as never) as unknown as (options: object) => AnyAdapter
const late = async () => {
  throw new Error('later')
}
const fail = () => {
  throw new Error('no board')
}
const PROMISE = 'invalid result; expected a value, got a promise. The function must not be async.'

// biome-ignore format: a table is read one line at a time
const AT_DEFINITION: readonly (readonly [Half, string])[] = [
  [{ options: { list: 'string' } }, 'defineAdapter.options.list: invalid value; expected a schema of zod, got the string "string".'],
  [{ secrets: ['BOARD_TOKEN'] }, "defineAdapter.secrets: invalid type; expected an object of 'secret' or 'public' by name, got an array of 1."],
  [{ secrets: { BOARD_TOKEN: true } }, 'defineAdapter.secrets.BOARD_TOKEN: unknown value; expected one of "secret", "public", got the boolean true.'],
  [{ ways: { token: 'BOARD_TOKEN' } }, 'defineAdapter.ways.token: invalid type; expected an array of strings, got the string "BOARD_TOKEN".'],
  [{ ways: { token: ['BOARD_TOKEN'] } }, 'defineAdapter.ways.token: unknown secret "BOARD_TOKEN"; there is none here.'],
  [{ mode: 'dry' }, 'defineAdapter.mode: unknown value; expected one of "execute", "preview", "handoff", got the string "dry".'],
  [{ env: { lits: 'BOARD_LIST' } }, 'defineAdapter.env.lits: unknown option "lits" (did you mean "list"?); expected one of list.'],
  [{ oneOf: 'list' }, 'defineAdapter.oneOf: invalid type; expected an array of arrays of names, got the string "list".'],
  [{ conflicts: [['list']] }, 'defineAdapter.conflicts[0]: invalid value; expected [option, function, advice], got an array of 1.'],
  [{ hooks: { start: 7 } }, 'defineAdapter.hooks.start: invalid value; expected a function, got the number 7.'],
  [{ account: 7 }, 'defineAdapter.account: invalid value; expected a string or a function, got the number 7.'],
  [{ refs: { issue: 7 } }, 'defineAdapter.refs.issue: invalid value; expected a function, got the number 7.'],
  [{ removals: { createNote: 7 } }, 'defineAdapter.removals.createNote: invalid value; expected a function, got the number 7.'],
  [{ plaintext: 'bolt:' }, 'defineAdapter.plaintext: invalid type; expected an array of strings, got the string "bolt:".'],
  [{ signers: { key: 'k' } }, 'defineAdapter.signers.key: invalid value; expected a function, got the string "k".'],
  [{ renderers: { board: {} } }, 'defineAdapter.renderers.board.format: missing; expected a string. defineAdapter.renderers.board.write: missing; expected a function. defineAdapter.renderers.board.comment: missing; expected a function.'],
  [{ describe: { createNote: 'add a note' } }, 'defineAdapter.describe.createNote: invalid value; expected a function, got the string "add a note".'],
]

// biome-ignore format: a table is read one line at a time
const AT_CONFIGURATION: readonly (readonly [Half, string])[] = [
  [{ origins: () => undefined }, 'board.origins: missing; expected an array of addresses.'],
  [{ origins: () => ['board.example'] }, 'board.origins[0]: invalid value; expected a whole address, got the string "board.example".'],
  [{ origins: fail }, 'board.origins: the function of the adapter threw: no board.'],
  [{ origins: late }, `board.origins: ${PROMISE}`],
  [{ check: () => undefined }, 'board.check: missing; expected { call } of a read.'],
  [{ check: late }, `board.check: ${PROMISE}`],
  [{ limits: {} }, 'board.limits.rates: missing; expected an object.'],
  [{ limits: () => undefined }, 'board.limits: missing; expected an object with rates.'],
  [{ hooks: () => undefined }, 'board.hooks: missing; expected an object of functions.'],
  [{ hooks: late }, `board.hooks: ${PROMISE}`],
  [{ configure: () => undefined }, 'board.configure: missing; expected an object.'],
  [{ configure: late }, `board.configure: ${PROMISE}`],
  [{ conflicts: [['list', late, 'Leave it out.']] }, `board.conflicts: ${PROMISE}`],
  [{ ways: { token: [] }, defaultWay: late }, `board.defaultWay: ${PROMISE}`],
  [{ probes: () => [{ about: 'board' }] }, 'board.probes[0].lookup: missing; expected { call } of a read. board.probes[0].todo: missing; expected a string.'],
  [{ cardLookups: () => [7] }, 'board.cardLookups[0]: invalid type; expected { call } of a read, got the number 7.'],
  [{ account: () => 7 }, 'board.account: invalid type; expected a string, got the number 7.'],
  [{ transport: late }, `board.transport: ${PROMISE}`],
  [{ transport: () => ({}) }, 'board.transport: invalid value; expected a function, got an object.'],
]

const ADAPTER = (message: string) => expect.objectContaining({ code: 'ADAPTER', message }) as Error

describe('half a definition', () => {
  test('that is whole makes an adapter', () => {
    expect(define({})({})).toMatchObject({ name: 'board', origins: ['https://board.example'] })
  })

  test.each(AT_DEFINITION)('%o is refused when it is given', (half, message) => {
    expect(() => define(half)).toThrow(ADAPTER(message))
  })

  test.each(AT_CONFIGURATION)('%o is refused when an adapter is made of it', (half, message) => {
    const factory = define(half)
    expect(() => factory({})).toThrow(ADAPTER(message))
  })

  test('whose transport cannot send is refused by the tracker', async () => {
    const adapters = [define({ transport: () => () => undefined })({})]
    await expect(
      createTracker({ project: 'billing', user: 'mia', store: memoryStore(), adapters }),
    ).rejects.toThrow(
      ADAPTER('board.transport: invalid result; expected a transport with the function send, got undefined.'),
    )
  })
})

/** Records a whole session with an adapter: what became of its start, and how the session ended. */
const record = async (half: Half) => {
  const adapters = [define(half)({})]
  const logger = { warn: () => undefined, error: () => undefined }
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'mia', adapters, store: memoryStore(), deliver: false, logger },
  })
  const session = await tracker.start({ goal: 'Fix the invoice' })
  await session.update('Found it')
  await session.close({ summary: 'Done' })
  const [planned] = await tracker.deliveries()
  const [{ status } = {}] = await tracker.sessions()
  const line =
    planned?.descriptor === undefined ? planned?.reason : tracker.render([planned.descriptor], 'text').trim()
  await tracker.forget(session.id)
  await tracker.close()
  return { line, status }
}

const LINE = 'create note: POST board.example/notes'
const GIVEN = 'The start hook failed: board.hooks.start'

// biome-ignore format: a table is read one line at a time
const RECORDED: readonly (readonly [Half, string])[] = [
  [{}, LINE],
  [{ hooks: { start: fail } }, 'The start hook failed: no board'],
  [{ hooks: { start: late } }, `${GIVEN}: ${PROMISE}`],
  [{ hooks: { start: () => createNote({ body: 'x' }) } }, `${GIVEN}: invalid result; expected an array of steps, got a function.`],
  [{ hooks: { start: () => [undefined] } }, `${GIVEN}[0]: invalid step; expected one made by an action or by step(…), got undefined.`],
  [{ hooks: { start: () => [late] } }, `${GIVEN}[0]: ${PROMISE}`],
  [{ hooks: { start: () => [() => ({ key: 'k' })] } }, 'The start hook failed: a descriptor (k): /kind: invalid value; expected one of "http", "custom".'],
  [{ describe: { createNote: fail } }, 'createNote (board.describe.createNote threw: no board)'],
  [{ describe: { createNote: late } }, `createNote (board.describe.createNote threw: board.describe.createNote: ${PROMISE})`],
  [{ describe: { createNote: () => 7 } }, 'createNote (board.describe.createNote returned the number 7)'],
  [{ link: fail }, LINE],
  [{ link: late }, LINE],
  [{ link: () => 7 }, LINE],
  [{ isOwn: late }, LINE],
  [{ outcome: late }, LINE],
  [{ refs: { issue: fail } }, LINE],
  [{ removals: { createNote: fail } }, LINE],
  [{ removals: { createNote: () => late } }, LINE],
]

test.each(RECORDED)('records a whole session with the defect %o', async (half, line) => {
  expect(await record(half)).toEqual({ line, status: 'completed' })
})
