import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { thin } from '../../../../test/sample.ts'
import {
  type AnyAdapter,
  type At,
  action,
  address,
  type ConfigOf,
  cardHooks,
  type Descriptor,
  defineAdapter,
  httpOutcome,
  lines,
  step,
} from '../../src/adapter.ts'
import { adapterSuite } from '../../src/testing.ts'

const options = { baseUrl: z.optional(address('https://notes.example')).default('https://notes.example') }
const secrets = { NOTES_TOKEN: 'secret' } as const
type Config = ConfigOf<typeof options, typeof secrets>

const post = ({ baseUrl, secrets: names }: Config, text: string) =>
  ({
    kind: 'http',
    method: 'POST',
    endpoint: `${baseUrl}/notes`,
    auth: { header: 'authorization', secret: names.NOTES_TOKEN },
    payload: { text },
  }) as const

/** An adapter of a service with cards and entries; `write` makes what is sent of a text. */
const notes = (write: (text: string) => string) =>
  defineAdapter({
    service: 'notes',
    options,
    secrets,
    actions: {
      createNote: action(
        'createNote',
        z.strictObject({ body: z.string() }),
        ({ body }, { config }: At<Config>) => ({ ...post(config, write(body)), repeat: 'unsafe' as const }),
        { about: 'Adds a note.', example: { body: 'x' } },
      ),
    },
    hooks: cardHooks<Config>({
      create: ({ config, card, url = '' }) => [
        step('createCard', () => ({
          ...post(config, `${write(card.title)} ${url}`),
          captures: { card: '/id' },
          repeat: 'unsafe',
        })),
      ],
      edit: ({ config }) => [
        step('editCard', () => ({
          ...post(config, ''),
          method: 'PUT',
          endpoint: `${config.baseUrl}/notes/{card}`,
          repeat: 'safe',
        })),
      ],
      entry: ({ text }, { config }) => [
        step('postEntry', () => ({ ...post(config, write(text)), repeat: 'unsafe' })),
      ],
    }),
    limits: { rates: {} },
    check: config => ({ call: { ...post(config, ''), method: 'GET' } }),
    outcome: httpOutcome,
    isOwn: ({ body }) => typeof body === 'object',
    origins: ({ baseUrl }) => [baseUrl],
  })

const suite = (make: (given?: object) => AnyAdapter) =>
  adapterSuite({ make, secrets: { NOTES_TOKEN: 'canary' }, wrong: [] })

const clean = (text: string) => lines(text, 5_000)
const sound = notes(clean)

describe('an adapter that keeps what defineAdapter promises', () => {
  const checks = thin(
    suite(given => sound({ ...given })),
    'notes',
  )
  test.for(checks.map(check => [check.name, check] as const))('%s', ([, { run }]) => run())
})

/** The same hooks, of which nothing holds the lane. */
const loose = {
  hooks: Object.fromEntries(
    Object.entries(sound({}).hooks).map(([name, hook]) => [
      name,
      (...given: readonly never[]) =>
        (hook as (...all: readonly never[]) => readonly ((at: never) => object)[])(...given).map(
          each => (at: never) => {
            const { holds: _, ...rest } = each(at) as Readonly<{ holds?: true }>
            return rest
          },
        ),
    ]),
  ),
} as Pick<AnyAdapter, 'hooks'>

/** Makes an adapter with something changed in it, whatever its options. */
const broken = (change: (adapter: AnyAdapter) => Partial<AnyAdapter>) => (given?: object) => {
  const adapter = sound({ ...given })
  return { ...adapter, ...change(adapter) }
}
/** The same hooks, whose edits go on as a comment; `markOf` gives its mark, `isKept` whether an edit keeps it. */
const commenting = (markOf: (key: string) => string, isKept = true) =>
  broken(adapter => {
    const text = { $ref: 'text', between: ['[a]', '[z]'], put: '[a] [z]' }
    const change = (each: Descriptor): Descriptor => {
      if (each.action !== 'editCard' || each.kind !== 'http') return each
      const mark = markOf(each.key)
      const { key: _, action: __, repeat: ___, coalesce: ____, ...call } = each
      const list = { ...call, method: 'GET', payload: undefined } as never
      const made = { ...call, payload: { text: mark } } as never
      const edit = isKept ? made : ({ ...call, payload: { text: '' } } as never)
      const instead = { find: { call: list, where: { pointer: '', contains: mark } }, edit, create: made }
      return { ...each, payload: { text }, instead } as never
    }
    const hooks = Object.entries(adapter.hooks).map(([name, hook]) => [
      name,
      (...given: readonly never[]) =>
        (hook as (...all: readonly never[]) => readonly ((at: never) => Descriptor)[])(...given).map(
          each => (at: never) => change(each(at)),
        ),
    ])
    return { hooks: Object.fromEntries(hooks) }
  })

const without =
  (name: string) =>
  (given: object = {}) => {
    const { [name]: _, ...rest } = given as Readonly<Record<string, unknown>>
    return sound(rest)
  }
/** Eight times as long for twice as much: on a machine that others slow down, four times as long is not always seen. */
const cubic = (text: string): string => {
  let found = 0
  const step = Math.ceil(524_288 / (text.length + 1))
  for (let from = 0; from < text.length; from += step)
    found += text.slice(from).replaceAll('x', 'y').length % 2
  return `${clean(text)}${found}`
}

// biome-ignore format: a table is read one line at a time
const DEFECTS: readonly (readonly [what: string, make: (given?: object) => AnyAdapter, check: RegExp])[] = [
  ['a name that stays', without('as'), /^option `as`/],
  ['a mode that stays', without('mode'), /^option `mode`/],
  ['secrets that stay', without('secrets'), /^option `secrets`/],
  ['no link', without('sessionUrl'), /^option `sessionUrl`/],
  ['no transform', broken(() => ({ transform: (each => each) as NonNullable<AnyAdapter['transform']> })), /^option `transform`/],
  ['doubts that are always held', without('onDoubt'), /^option `onDoubt: 'repeat'`/],
  ['no headers', without('headers'), /^option `headers`/],
  ['updates that stay', without('updates'), /^option `updates`/],
  ['no origin', broken(() => ({ origins: [] })), /^sends its secrets to its own origins/],
  ['every proxy', broken(() => ({ isOwn: () => true })), /^does not take the page of a proxy/],
  ['nothing that holds', broken(() => ({ hooks: loose.hooks })), /^holds the lane/],
  ['a comment for each event', commenting(key => `mark of ${key}`), /^goes on as one and the same comment/],
  ['a comment that loses its mark', commenting(() => 'mark of s1', false), /^goes on as one and the same comment/],
  ['slow texts', given => notes(cubic)({ ...given }), /^takes at most 2.5 times .* of "\*_"$/],
  ['hidden characters', given => notes(text => text.slice(0, 5_000).toWellFormed().replaceAll('\0', ''))({ ...given }), /^lets no control character/],
]

test('sees nothing wrong in a comment that keeps the mark of its session', async () => {
  const checks = suite(commenting(() => 'mark of s1')).filter(({ name }) => name.startsWith('goes on as one'))
  await Promise.all(checks.map(({ run }) => run()))
  expect(checks).toHaveLength(1)
})

test.for(DEFECTS)('sees %s', async ([, make, name]) => {
  const checks = suite(make).filter(check => name.test(check.name))
  expect(checks.map(check => check.name)).toHaveLength(1)
  await expect(checks[0]?.run()).rejects.toThrow()
})
