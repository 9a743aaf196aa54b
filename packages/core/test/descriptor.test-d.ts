import { expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import type { Step } from '../src/adapter/contract.ts'
import { action } from '../src/adapter/plan.ts'
import type {
  Auth,
  Call,
  Descriptor,
  Draft,
  HttpCall,
  Lookup,
  Reconcile,
} from '../src/descriptor/descriptor.ts'

type Config = Readonly<{ channel: string }>
const call: HttpCall = { kind: 'http', method: 'POST', endpoint: 'https://a.example/items' }
const found = { by: 'mark', call, list: '/items', where: { pointer: '/key', equals: 'k' } } as const
const about = { about: 'Makes an item.', example: { text: 'a' } }
const one = { ts: '/ts' } as const
const two = { ts: '/ts', link: '/link' } as const
const Input = z.strictObject({ text: z.string() })

test('captures and their look-up go together', () => {
  action(
    'make',
    Input,
    ({ text }, { config }: { key: string; config: Config }) => ({
      ...call,
      payload: { text, channel: config.channel },
      captures: { ts: '/ts', link: '/link' },
      repeat: { ...found, captures: { ts: '/ts', link: '/link' } },
    }),
    about,
  )
  action(
    'make',
    Input,
    // @ts-expect-error the look-up captures nothing, so a found item would leave `ts` empty
    () => ({ ...call, captures: one, repeat: { ...found } }),
    about,
  )
  action(
    'make',
    Input,
    // @ts-expect-error the look-up leaves `link` out
    () => ({ ...call, captures: two, repeat: { ...found, captures: one } }),
    about,
  )
  action(
    'make',
    Input,
    // @ts-expect-error the look-up captures `link`, which the draft does not
    () => ({ ...call, captures: one, repeat: { ...found, captures: two } }),
    about,
  )
  action(
    'make',
    Input,
    // @ts-expect-error the look-up captures, the draft does not
    () => ({ ...call, repeat: { ...found, captures: one } }),
    about,
  )
})

test('a draft that coalesces captures nothing', () => {
  action('edit', Input, () => ({ ...call, repeat: 'safe', coalesce: { name: 'card' } }), about)
  action(
    'edit',
    Input,
    () => ({ ...call, repeat: { ...found }, coalesce: { name: 'card', everyMs: 5_000 } }),
    about,
  )
  action(
    'edit',
    Input,
    // @ts-expect-error what takes another's place cannot be waited for
    () => ({ ...call, repeat: 'safe', coalesce: { name: 'card' }, captures: { ts: '/ts' } }),
    about,
  )
})

test('what a repeated call does must be said', () => {
  action('make', Input, () => ({ ...call, repeat: 'unsafe' }), about)
  action('make', Input, () => ({ ...call, repeat: 'safe', captures: { id: '/id' } }), about)
  // @ts-expect-error no `repeat`
  action('make', Input, () => ({ ...call }), about)
  // @ts-expect-error no such word
  action('make', Input, () => ({ ...call, repeat: 'sometimes' }), about)
  // @ts-expect-error `first` is true or absent
  action('make', Input, () => ({ ...call, repeat: { ...found, first: false } }), about)
})

test('every kind of draft stays assignable to the general one', () => {
  expectTypeOf<Draft<'ts' | 'link'>>().toExtend<Draft>()
  expectTypeOf<Draft<never>>().toExtend<Draft>()
  expectTypeOf<Readonly<{ key: string; action: string }> & Draft<'ts'>>().toExtend<Descriptor>()
  const make = action('make', Input, () => ({ ...call, repeat: 'safe', captures: { id: '/id' } }), about)
  expectTypeOf(make({ text: 'a' })).toExtend<Step<unknown>>()
})

test('a call names its credentials, and knows its kind', () => {
  expectTypeOf<{ header: 'authorization'; secret: 'TOKEN' }>().toExtend<Auth>()
  // @ts-expect-error a value instead of the name of a secret
  const value: Auth = { header: 'authorization', value: 'abc' }
  // @ts-expect-error a custom call has a target
  const mixed: Call = { ...call, kind: 'custom' }
  // @ts-expect-error a date is not JSON
  const date: HttpCall = { ...call, payload: { at: new Date(0) } }
  // @ts-expect-error nor is a field that is undefined
  const absent: HttpCall = { ...call, payload: { at: undefined } }
  // @ts-expect-error a method we do not send
  const method: HttpCall = { ...call, method: 'TRACE' }
  // @ts-expect-error `where` compares or searches
  const neither: Lookup = { call, where: { pointer: '/id' } }
  // @ts-expect-error an answer from a cache settles no doubt
  const cached: Reconcile<never> = { ...found, cacheMs: 1_000 }
  expectTypeOf([value, mixed, date, absent, method, neither, cached]).toBeArray()
})

test('drafts of several shapes, and those of a function of their own, still fit an action', () => {
  const mark = (key: string) => ({ ...found, where: { pointer: '/key', equals: key } }) as const
  const made = (key: string): Draft<'ts'> => ({
    ...call,
    captures: { ts: '/ts' },
    repeat: { ...mark(key), captures: { ts: '/ts' } },
  })
  action('make', Input, (_, { key }: { key: string; config: Config }) => made(key), about)
  action(
    'make',
    Input,
    (_, { key }) => ({ ...call, captures: { ts: '/ts' }, repeat: { ...mark(key), captures: { ts: '/ts' } } }),
    about,
  )
  action(
    'make',
    Input,
    ({ text }, { key }) => (text === '' ? made(key) : { ...call, repeat: 'unsafe', captures: { ts: '/ts' } }),
    about,
  )
  action(
    'make',
    Input,
    ({ text }) =>
      text === '' ? { ...call, repeat: 'safe' } : { ...call, repeat: 'safe', coalesce: { name: 'card' } },
    about,
  )
  action(
    'make',
    Input,
    ({ text }, { key }) => {
      const names = {
        ts: '/ts',
        link: { list: '/links', where: { pointer: '/rel', equals: 'self' }, pick: '/href' },
      }
      const before = [
        { call, list: '/states', where: { pointer: '/name', equals: text }, captures: { state: '/id' } },
      ]
      return { ...call, before, captures: names, repeat: { ...mark(key), captures: names } }
    },
    about,
  )
})
