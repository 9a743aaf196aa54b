import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { parseOptions } from '../src/adapter/options.ts'
import { isTrackerError } from '../src/adapter.ts'
import { instead } from '../src/session/words.ts'

const refusal = (schema: z.ZodType, value: unknown) => {
  try {
    return parseOptions('board', schema, value)
  } catch (thrown) {
    return isTrackerError(thrown) ? [thrown.code, thrown.field, thrown.message] : thrown
  }
}

const Options = z.strictObject({
  list: z.string().min(1),
  mode: z.literal(['execute', 'preview']).default('execute'),
  limit: z.int().min(1).max(50).optional(),
  every: z.number().gt(0).lt(1).multipleOf(0.25).optional(),
  tags: z.array(z.string()).min(1).max(2).optional(),
  quiet: z.boolean().optional(),
  name: z
    .string()
    .min(2)
    .max(4)
    .regex(/^[a-z]+$/)
    .optional(),
  url: z.url().optional(),
  path: z.string().startsWith('/').endsWith('.json').optional(),
  when: z.custom<() => boolean>(value => typeof value === 'function').optional(),
  id: z.union([z.string(), z.number()]).optional(),
  place: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('row'), row: z.number() }),
      z.strictObject({ kind: z.literal('cell'), cell: z.strictObject({ x: z.number() }) }),
    ])
    .optional(),
  either: z.union([z.strictObject({ a: z.strictObject({ b: z.number() }) }), z.string()]).optional(),
  colours: z.record(z.string().regex(/^[a-z]+$/, 'use small letters'), z.string()).optional(),
  statuses: z.strictObject({ start: z.string().optional(), close: z.string().optional() }).optional(),
  only: z.literal('x').optional(),
})

// biome-ignore format: a table is read one line at a time
const wrong: readonly (readonly [unknown, string, string])[] = [
  [undefined, '', 'board: missing; expected an object with list.'],
  [null, '', 'board: invalid type; expected an object with list, got null.'],
  ['L', '', 'board: invalid type; expected an object with list, got the string "L".'],
  [{}, 'list', 'board.list: missing; expected a string.'],
  [{ list: 7 }, 'list', 'board.list: invalid type; expected a string, got the number 7.'],
  [{ list: '' }, 'list', 'board.list: empty; expected a string that is not empty.'],
  [{ lsit: 'L' }, 'lsit', 'board.lsit: unknown option (did you mean "list"?); expected one of list, mode, limit, every, tags, quiet, name, url, path, when, id, place, either, colours, statuses, only.'],
  [{ list: 'L', board: 'B' }, 'board', 'board.board: unknown option; expected one of list, mode, limit, every, tags, quiet, name, url, path, when, id, place, either, colours, statuses, only.'],
  [{ list: 'L', statuses: { closed: 'Done' } }, 'statuses.closed', 'board.statuses.closed: unknown option (did you mean "close"?); expected one of start, close.'],
  [{ list: 'L', mode: 'live' }, 'mode', 'board.mode: unknown value; expected one of "execute", "preview", got the string "live".'],
  [{ list: 'L', only: 'y' }, 'only', 'board.only: unknown value; expected "x", got the string "y".'],
  [{ list: 'L', limit: 1.5 }, 'limit', 'board.limit: invalid value; expected a whole number, got the number 1.5.'],
  [{ list: 'L', limit: 0 }, 'limit', 'board.limit: out of range; expected a number of at least 1, got the number 0.'],
  [{ list: 'L', limit: 51 }, 'limit', 'board.limit: out of range; expected a number of at most 50, got the number 51.'],
  [{ list: 'L', every: 0 }, 'every', 'board.every: out of range; expected a number above 0, got the number 0.'],
  [{ list: 'L', every: 1 }, 'every', 'board.every: out of range; expected a number below 1, got the number 1.'],
  [{ list: 'L', every: 0.3 }, 'every', 'board.every: invalid value; expected a multiple of 0.25, got the number 0.3.'],
  [{ list: 'L', tags: 'a' }, 'tags', 'board.tags: invalid type; expected an array, got the string "a".'],
  [{ list: 'L', tags: [] }, 'tags', 'board.tags: too short; expected at least 1 item, got an array of 0.'],
  [{ list: 'L', tags: ['a', 2] }, 'tags.1', 'board.tags.1: invalid type; expected a string, got the number 2.'],
  [{ list: 'L', tags: ['a', 'b', 'c'] }, 'tags', 'board.tags: too long; expected at most 2 items, got an array of 3.'],
  [{ list: 'L', quiet: 'yes' }, 'quiet', 'board.quiet: invalid type; expected true or false, got the string "yes".'],
  [{ list: 'L', name: 'a' }, 'name', 'board.name: too short; expected at least 2 characters.'],
  [{ list: 'L', name: 'abcde' }, 'name', 'board.name: too long; expected at most 4 characters.'],
  [{ list: 'L', name: 'A1' }, 'name', 'board.name: invalid format; expected a string like /^[a-z]+$/.'],
  [{ list: 'L', url: 'x' }, 'url', 'board.url: invalid format; expected a valid url.'],
  [{ list: 'L', path: 'x' }, 'path', 'board.path: invalid format; expected a string that begins with "/".'],
  [{ list: 'L', path: '/x' }, 'path', 'board.path: invalid format; expected a string that ends with ".json".'],
  [{ list: 'L', when: 1 }, 'when', 'board.when: invalid value.'],
  [{ list: 'L', id: true }, 'id', 'board.id: invalid value; expected a string or a number, got the boolean true.'],
  [{ list: 'L', place: {} }, 'place.kind', 'board.place.kind: invalid value; expected one of "row", "cell".'],
  [{ list: 'L', place: { kind: 'cell', cell: { x: 'a' } } }, 'place.cell.x', 'board.place.cell.x: invalid type; expected a number, got the string "a".'],
  [{ list: 'L', either: { a: { b: 'x' } } }, 'either.a.b', 'board.either.a.b: invalid type; expected a number, got the string "x".'],
  [{ list: 'L', colours: { A: 'x' } }, 'colours.A', 'board.colours.A: use small letters.'],
]

describe('what zod found, in our words', () => {
  test.for(wrong)('%j', ([value, path, message]) => {
    // The field of the error is that of its message.
    const field = path === '' ? 'board' : `board.${path}`
    expect(message.startsWith(`${field}: `)).toBe(true)
    expect(refusal(Options, value)).toEqual(['CONFIG', field, message])
  })
  test('all that is wrong is named at once, and what is probably misspelt is not missing too', () => {
    expect(refusal(Options, { lst: 'L', limitt: 1, colour: 'red', every: 0, quiet: 'yes' })).toEqual([
      'CONFIG',
      'board.lst',
      [
        'board.lst: unknown option (did you mean "list"?); expected one of list, mode, limit, every, tags, quiet, name, url, path, when, id, place, either, colours, statuses, only.',
        'board.limitt: unknown option (did you mean "limit"?).',
        'board.colour: unknown option (did you mean "colours"?).',
        'board.every: out of range; expected a number above 0, got the number 0.',
        'board.quiet: invalid type; expected true or false, got the string "yes".',
      ].join(' '),
    ])
  })
  test('what fits comes back with its defaults', () => {
    expect(refusal(Options, { list: 'L' })).toEqual({ list: 'L', mode: 'execute' })
  })
  test('a schema keeps words of its own', () => {
    const schema = z.strictObject({ n: z.number('must be a number of cards') })
    expect(refusal(schema, {})).toEqual(['CONFIG', 'board.n', 'board.n: must be a number of cards.'])
  })
})

describe('a credential among options', () => {
  const told = (value: unknown, secrets: Parameters<typeof parseOptions>[3]) => {
    try {
      return parseOptions('board', z.strictObject({ secret: z.string().optional() }), value, secrets)
    } catch (thrown) {
      return (thrown as Error).message
    }
  }
  // biome-ignore format: a table is read one line at a time
  test.for([
    [{ token: 'x' }, ['BOARD_TOKEN'], 'board.token: unknown option; credentials are read from the environment: set BOARD_TOKEN.'],
    [{ apiKey: 'x' }, ['BOARD_KEY', 'BOARD_TOKEN'], 'board.apiKey: unknown option; credentials are read from the environment: set BOARD_KEY or BOARD_TOKEN.'],
    [{ secrt: 'x' }, ['BOARD_TOKEN'], 'board.secrt: unknown option (did you mean "secret"?); expected one of secret.'],
    [{ secrets: 'x' }, ['BOARD_TOKEN'], 'board.secrets: unknown option (did you mean "secret"?); expected one of secret.'],
    [{ token: 'x' }, undefined, 'board.token: unknown option; expected one of secret.'],
    [{ colour: 'x' }, ['BOARD_TOKEN'], 'board.colour: unknown option; expected one of secret.'],
  ] as const)('%j', ([value, secrets, message]) => {
    expect(told(value, secrets)).toBe(message)
  })
})

describe('a name that is not known', () => {
  const names = ['delivered', 'dead', 'paused', 'unpaused', 'teamId']
  test.for([
    ['delivred', 'did you mean "delivered"? There is delivered, dead, paused, unpaused, teamId'],
    ['delievred', 'did you mean "delivered"? There is delivered, dead, paused, unpaused, teamId'],
    ['TEAMID', 'did you mean "teamId"? There is delivered, dead, paused, unpaused, teamId'],
    ['paused ', 'did you mean "paused"? There is delivered, dead, paused, unpaused, teamId'],
    ['lost', 'use delivered, dead, paused, unpaused, teamId'],
    ['', 'use delivered, dead, paused, unpaused, teamId'],
  ] as const)('%j', ([name, expected]) => expect(instead(name, names)).toBe(expected))
  test('where there is nothing to choose from', () => expect(instead('x', [])).toBe('there is none'))
  test('of great length is not compared to its end', () => {
    expect(instead('x'.repeat(1_000_000), ['y'])).toBe('use y')
  })
})
