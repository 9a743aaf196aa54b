import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  type AnyAdapter,
  type At,
  action,
  address,
  type ConfigOf,
  cardHooks,
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
  const checks = suite(given => sound({ ...given }))
  test.for(checks.map(check => [check.name, check] as const))('%s', { timeout: 30_000 }, ([, { run }]) =>
    run(),
  )
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
const without =
  (name: string) =>
  (given: object = {}) => {
    const { [name]: _, ...rest } = given as Readonly<Record<string, unknown>>
    return sound(rest)
  }
const quadratic = (text: string): string => {
  let found = 0
  for (let from = 0; from < text.length; from += 4) found += text.slice(from).replaceAll('x', 'y').length % 2
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
  ['slow texts', given => notes(quadratic)({ ...given }), /^takes at most 2.5 times/],
  ['hidden characters', given => notes(text => text.slice(0, 5_000).toWellFormed().replaceAll('\0', ''))({ ...given }), /^lets no control character/],
]

test.for(DEFECTS)('sees %s', { timeout: 60_000 }, async ([, make, name]) => {
  const checks = suite(make).filter(check => name.test(check.name))
  expect(checks.map(check => check.name)).toHaveLength(1)
  await expect(checks[0]?.run()).rejects.toThrow()
})
