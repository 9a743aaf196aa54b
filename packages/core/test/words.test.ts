import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkedOptions, isTrackerError } from '../src/adapter.ts'
import { instead } from '../src/session/words.ts'

const refusal = (schema: z.ZodType, value: unknown) => {
  try {
    return checkedOptions('board', schema, value)
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
  [undefined, '', 'board: give an object with list'],
  [null, '', 'board: give an object with list'],
  ['L', '', 'board: give an object with list'],
  [{}, 'list', 'board.list: is missing: give a text'],
  [{ list: 7 }, 'list', 'board.list: give a text'],
  [{ list: '' }, 'list', 'board.list: it is empty: give a text'],
  [{ lsit: 'L' }, 'lsit', 'board.lsit: it is not known: did you mean "list"? There is list, mode, limit, every, tags, quiet, name, url, path, when, id, place, either, colours, statuses, only'],
  [{ list: 'L', board: 'B' }, 'board', 'board.board: it is not known: use list, mode, limit, every, tags, quiet, name, url, path, when, id, place, either, colours, statuses, only'],
  [{ list: 'L', statuses: { closed: 'Done' } }, 'statuses.closed', 'board.statuses.closed: it is not known: did you mean "close"? There is start, close'],
  [{ list: 'L', mode: 'live' }, 'mode', 'board.mode: give one of "execute", "preview"'],
  [{ list: 'L', only: 'y' }, 'only', 'board.only: give "x"'],
  [{ list: 'L', limit: 1.5 }, 'limit', 'board.limit: give a whole number'],
  [{ list: 'L', limit: 0 }, 'limit', 'board.limit: give a number of at least 1'],
  [{ list: 'L', limit: 51 }, 'limit', 'board.limit: give a number of at most 50'],
  [{ list: 'L', every: 0 }, 'every', 'board.every: give a number above 0'],
  [{ list: 'L', every: 1 }, 'every', 'board.every: give a number below 1'],
  [{ list: 'L', every: 0.3 }, 'every', 'board.every: give a multiple of 0.25'],
  [{ list: 'L', tags: 'a' }, 'tags', 'board.tags: give a list'],
  [{ list: 'L', tags: [] }, 'tags', 'board.tags: give at least 1 item'],
  [{ list: 'L', tags: ['a', 2] }, 'tags.1', 'board.tags.1: give a text'],
  [{ list: 'L', tags: ['a', 'b', 'c'] }, 'tags', 'board.tags: give at most 2 items'],
  [{ list: 'L', quiet: 'yes' }, 'quiet', 'board.quiet: give true or false'],
  [{ list: 'L', name: 'a' }, 'name', 'board.name: give at least 2 characters'],
  [{ list: 'L', name: 'abcde' }, 'name', 'board.name: give at most 4 characters'],
  [{ list: 'L', name: 'A1' }, 'name', 'board.name: give a text like /^[a-z]+$/'],
  [{ list: 'L', url: 'x' }, 'url', 'board.url: give a valid url'],
  [{ list: 'L', path: 'x' }, 'path', 'board.path: begin it with "/"'],
  [{ list: 'L', path: '/x' }, 'path', 'board.path: end it with ".json"'],
  [{ list: 'L', when: 1 }, 'when', 'board.when: it is not valid'],
  [{ list: 'L', id: true }, 'id', 'board.id: give a text or a number'],
  [{ list: 'L', place: {} }, 'place.kind', 'board.place.kind: give one of "row", "cell"'],
  [{ list: 'L', place: { kind: 'cell', cell: { x: 'a' } } }, 'place.cell.x', 'board.place.cell.x: give a number'],
  [{ list: 'L', either: { a: { b: 'x' } } }, 'either.a.b', 'board.either.a.b: give a number'],
  [{ list: 'L', colours: { A: 'x' } }, 'colours.A', 'board.colours.A: use small letters'],
]

describe('what zod found, in our words', () => {
  test.for(wrong)('%j', ([value, field, message]) => {
    expect(refusal(Options, value)).toEqual(['CONFIG', field, message])
  })
  test('what fits comes back with its defaults', () => {
    expect(refusal(Options, { list: 'L' })).toEqual({ list: 'L', mode: 'execute' })
  })
  test('a schema keeps words of its own', () => {
    const schema = z.strictObject({ n: z.number('must be a number of cards') })
    expect(refusal(schema, {})).toEqual(['CONFIG', 'n', 'board.n: must be a number of cards'])
  })
})

describe('a credential among options', () => {
  const told = (value: unknown, secrets: Parameters<typeof checkedOptions>[3]) => {
    try {
      return checkedOptions('board', z.strictObject({ secret: z.string().optional() }), value, secrets)
    } catch (thrown) {
      return (thrown as Error).message
    }
  }
  // biome-ignore format: a table is read one line at a time
  test.for([
    [{ token: 'x' }, { secret: 'BOARD_TOKEN' }, 'board.token: credentials are no options: set BOARD_TOKEN in the environment; `secret` is its name'],
    [{ apiKey: 'x' }, { secret: ['BOARD_KEY', 'BOARD_TOKEN'] }, 'board.apiKey: credentials are no options: set what it needs of BOARD_KEY, BOARD_TOKEN in the environment; other names are given as `secret`'],
    [{ password: 'x' }, { user: 'BOARD_USER', word: 'BOARD_WORD' }, 'board.password: credentials are no options: set what it needs of BOARD_USER, BOARD_WORD in the environment; other names are given as `user`, `word`'],
    [{ secrt: 'x' }, { secret: 'BOARD_TOKEN' }, 'board.secrt: it is not known: did you mean "secret"? There is secret'],
    [{ secrets: 'x' }, { secret: 'BOARD_TOKEN' }, 'board.secrets: it is not known: did you mean "secret"? There is secret'],
    [{ token: 'x' }, undefined, 'board.token: it is not known: use secret'],
    [{ colour: 'x' }, { secret: 'BOARD_TOKEN' }, 'board.colour: it is not known: use secret'],
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
