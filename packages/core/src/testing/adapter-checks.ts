import assert from 'node:assert/strict'
import type { AnyAdapter, At } from '../adapter/contract.ts'
import { type Action, plan, type Read } from '../adapter/plan.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Call, Descriptor, Lookup } from '../descriptor/descriptor.ts'
import { guarantee } from '../descriptor/guarantee.ts'
import { needs } from '../descriptor/refs.ts'
import { isTrackerError } from '../session/errors.ts'
import { checkInput } from '../session/fields.ts'
import type { Json } from '../session/schema.ts'
import { instead } from '../session/words.ts'
import type { Moment } from './story.ts'

// biome-ignore lint/suspicious/noExplicitAny: an action is invariant in its input; the suite gives it its own example
type AnyAction = Action<any, any> | Read<any, any, any>
type Fields = Readonly<Record<string, unknown>>

/** Everything an adapter can do, by name. */
export const actionsOf = ({ actions }: AnyAdapter): Readonly<Record<string, AnyAction>> =>
  actions as Readonly<Record<string, AnyAction>>

const isFields = (value: unknown): value is Fields => value !== null && typeof value === 'object'

/** Throws unless a value is plain JSON whose texts are well formed and without NUL. */
export const assertPlain = (value: unknown, name: string): void => {
  if (typeof value === 'string') {
    assert.ok(value.isWellFormed(), `${name} has half a surrogate pair`)
    assert.ok(!value.includes('\u0000'), `${name} has a NUL`)
    return
  }
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name} is ${value}`)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return
  assert.ok(isFields(value), `${name} is ${typeof value}, not JSON`)
  const prototype: unknown = Object.getPrototypeOf(value)
  assert.ok(
    prototype === Object.prototype || prototype === Array.prototype || prototype === null,
    `${name} is not a plain object`,
  )
  for (const [key, inner] of Object.entries(value)) assertPlain(inner, `${name}.${key}`)
}

const limitIsDeclared = (adapter: AnyAdapter, limit: string | undefined): boolean =>
  limit === undefined ||
  Object.keys(adapter.limits.rates).some(name =>
    name.endsWith('*') ? limit.startsWith(name.slice(0, -1)) : name === limit,
  )

const secretsOf = ({ auth, ...call }: Call): readonly string[] => {
  const own = auth === undefined ? [] : 'header' in auth ? [auth.secret] : 'basic' in auth ? auth.basic : []
  return call.kind === 'http' && typeof call.endpoint !== 'string' ? [...own, call.endpoint.$secret] : own
}

const assertCall = (adapter: AnyAdapter, call: Call, name: string): void => {
  assert.ok(
    limitIsDeclared(adapter, call.limit),
    `${name} draws on the limit ${call.limit}, which is not declared: name it in limits.rates`,
  )
  for (const secret of secretsOf(call))
    assert.ok(
      adapter.secrets.includes(secret),
      `${name} needs the secret ${secret}, which is not in adapter.secrets: add it there`,
    )
}

/** A request that carries a read, so that its fields are checked like those of a look-up. */
const CARRYING = { key: 'read/0', repeat: 'safe' } as const

/** Throws unless a look-up says what it reads in a way that can be sent and understood. */
export const assertLookup = (adapter: AnyAdapter, lookup: Lookup, name: string): void => {
  assertPlain(lookup, name)
  assertCall(adapter, lookup.call, name)
  if (lookup.next !== undefined)
    assert.ok(lookup.list !== undefined, `${name} has \`next\` but no \`list\`: say where the items are`)
}

/** Throws unless a descriptor keeps the rules every descriptor keeps. */
export const assertDescriptor = (adapter: AnyAdapter, descriptor: Descriptor): void => {
  const name = `${descriptor.action} (${descriptor.key})`
  checkDescriptor(descriptor)
  assertPlain(descriptor, name)
  assertCall(adapter, descriptor, name)
  for (const [place, lookup] of (descriptor.before ?? []).entries())
    assertLookup(adapter, lookup, `${name}, before ${place}`)
  if (typeof descriptor.repeat !== 'object') return
  const { repeat } = descriptor
  assertLookup(adapter, repeat as Lookup, `${name}, its look-up`)
  assert.ok(
    repeat.list !== undefined,
    `${name}: its look-up has no \`list\`, so it cannot find nothing: say where the items are`,
  )
  assert.ok(
    repeat.where !== undefined,
    `${name}: its look-up takes the first item of the list, whichever it is: say which in \`where\``,
  )
  const names = (captures: object | undefined) => Object.keys(captures ?? {}).sort()
  assert.deepEqual(
    names(repeat.captures),
    names(descriptor.captures),
    `${name}: its look-up captures other names`,
  )
}

/** The step or look-up of an action for this input, with the key of the `place`th direct call. */
export const build = (
  adapter: AnyAdapter,
  action: AnyAction,
  input: unknown,
  place = 0,
): Descriptor | Lookup => {
  const at: At<unknown> = { key: `act/${adapter.name}/${place}`, config: adapter.config }
  if (action.effect !== 'read') return action(input)(at)
  return action.build(checkInput(action.action, action.input, input), at)
}

/** Throws unless an action keeps its rules, by its own example. */
export const assertAction = (adapter: AnyAdapter, action: AnyAction): void => {
  const first = build(adapter, action, action.example)
  assert.deepEqual(
    build(adapter, action, action.example),
    first,
    `${action.action}: built twice, it is not the same: only input, key and config may be in it, no clock and no chance`,
  )
  assert.match(action.about, /^\S.*\.$/s, `${action.action}: \`about\` must be a sentence with its full stop`)
  const unknown = { ...action.example, unheardOf: 1 }
  const { error } = action.input.safeParse(unknown) as { error?: { message: string } }
  assert.match(
    error?.message ?? '',
    /unheardOf/,
    `${action.action}: input with an unknown key must be refused: make it with z.strictObject`,
  )
  if (action.effect === 'read') {
    const lookup = first as Lookup
    assertLookup(adapter, lookup, action.action)
    // Types let a field too many pass, such as a pointer to a place that no read has.
    checkDescriptor({ ...lookup.call, ...CARRYING, action: action.action, before: [lookup] } as Descriptor)
    return
  }
  const descriptor = first as Descriptor
  assertDescriptor(adapter, descriptor)
  assert.equal(descriptor.action, action.action)
  assert.equal(action.guarantee(adapter.config).guarantee, guarantee(descriptor))
  assert.equal(action.guarantee(adapter.config).asterisk, descriptor.asterisk)
}

/** All descriptors of a story, with what each can already use. */
export const planStory = (adapter: AnyAdapter, moments: readonly Moment[]): readonly Descriptor[] =>
  moments.flatMap(({ event, session }) => plan(adapter, event, session))

/** Throws unless the plans of a story fit together. `refs`: names that `start` was given. */
export const assertPlans = (
  adapter: AnyAdapter,
  moments: readonly Moment[],
  refs: readonly string[],
): void => {
  const have = new Set(refs)
  for (const { event, session } of moments) {
    const planned = plan(adapter, event, session)
    assert.deepEqual(plan(adapter, event, session), planned, `${event.type} planned twice is not the same`)
    assert.deepEqual(
      planned.map(({ key }) => key),
      planned.map((_, place) => `${event.id}/${adapter.name}/${place}`),
      `keys of ${event.type}`,
    )
    for (const descriptor of planned) {
      const name = `${event.type}: ${descriptor.action}`
      assertDescriptor(adapter, descriptor)
      const lacking = needs(descriptor).filter(each => !have.has(each))
      const there = instead(lacking[0] ?? '', have)
      assert.equal(
        lacking.length,
        0,
        `${name} needs ${lacking.join(', ')}, which nothing before it captures: ${there}`,
      )
      for (const captured of Object.keys(descriptor.captures ?? {})) {
        assert.ok(
          !have.has(captured),
          `${name} captures ${captured} again: a name is written once, so make it of the key with uuidFrom`,
        )
        have.add(captured)
      }
    }
  }
}

/** The parts of descriptors that no text may change: which calls there are, where they go, what they need and run. */
export const skeleton = (descriptors: readonly Descriptor[]): Json =>
  descriptors.map(descriptor => ({
    key: descriptor.key,
    action: descriptor.action,
    needs: needs(descriptor),
    captures: Object.keys(descriptor.captures ?? {}),
    coalesce: descriptor.coalesce?.name ?? null,
    to:
      descriptor.kind === 'custom'
        ? [descriptor.target, descriptor.endpoint ?? '']
        : typeof descriptor.endpoint === 'string'
          ? [
              descriptor.method,
              new URL(descriptor.endpoint).host,
              new URL(descriptor.endpoint).pathname.split('/').length,
            ]
          : [descriptor.method],
  }))

/** Every place of a value where a text stands. */
export const textsIn = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] => {
  if (typeof value === 'string') return [path]
  return isFields(value)
    ? Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]))
    : []
}

/** A copy with another text at a place. */
export const withText = (value: unknown, [step, ...rest]: readonly string[], text: string): unknown => {
  if (step === undefined) return text
  const inner = withText((value as Fields)[step], rest, text)
  return Array.isArray(value)
    ? value.map((item, place) => (String(place) === step ? inner : item))
    : { ...(value as Fields), [step]: inner }
}

/** Runs something that may refuse its input, and nothing else: true when it did. */
export const refuses = (run: () => void, codes: readonly string[] = ['INVALID_INPUT']): boolean => {
  try {
    run()
    return false
  } catch (error) {
    if (isTrackerError(error) && codes.includes(error.code)) return true
    throw error
  }
}
