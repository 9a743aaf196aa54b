import {
  type Adapter,
  at,
  type Call,
  type Descriptor,
  type Json,
  type Lookup,
  type Outcome,
  type Role,
  type Step,
} from '@sessionwire/core/adapter'
import { plainSender } from '@sessionwire/core/testing'
import type { linear } from '../src/index.ts'
import type { HostileLinear } from '../src/testing.ts'

type Linear = ReturnType<typeof linear>
export type Values = Readonly<Record<string, Json>>

/** What came of one descriptor. */
export type Carried = Readonly<{ outcome: Outcome; captured: Values }>

const fillIn = (value: Json, from: Values): Json => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((each: Json) => fillIn(each, from))
  const { $ref } = value as Readonly<{ $ref?: Json }>
  if (typeof $ref === 'string') {
    if (from[$ref] === undefined) throw new Error(`nothing was captured as ${$ref}`)
    return from[$ref]
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fillIn(inner, from)]))
}

const valueAt = (body: Json, pointer: string): Json | undefined => {
  const found = at(body, pointer)
  return found.found && found.value !== null ? found.value : undefined
}

const capture = (body: Json, captures: Lookup['captures']): Values =>
  Object.fromEntries(
    Object.entries(captures ?? {}).map(([name, pointer]) => {
      const value = valueAt(body, pointer as string)
      if (value === undefined) throw new Error(`the answer has no ${name} at ${JSON.stringify(pointer)}`)
      return [name, value]
    }),
  )

/** A lane in small, for tests: carries descriptors one by one to a hostile Linear, with the captures before them. */
export const carrier = (
  adapter: Adapter<never, string, never> | Linear,
  _server: HostileLinear,
  secrets: Readonly<Record<string, string>> = {
    LINEAR_API_KEY: 'lin_api_test',
    LINEAR_OAUTH_TOKEN: 'lin_oauth_test',
  },
) => {
  const { outcome } = adapter as Linear
  const http = plainSender(secrets)
  let refs: Values = {}
  const ask = async (call: Call, action: string, role: Role, from: Values) => {
    const reply = await http.send(fillIn(call as unknown as Json, from) as unknown as Call, {
      timeoutMs: 5_000,
    })
    const body = reply.kind === 'answer' ? reply.body : null
    return { body, outcome: outcome(reply, { action, role, call }) }
  }
  /** Every item of a look-up, page by page; an outcome when it was refused or failed. */
  const items = async (lookup: Lookup, action: string, from: Values): Promise<readonly Json[] | Outcome> => {
    const found: Json[] = []
    let call = fillIn(lookup.call as unknown as Json, from) as unknown as Call
    for (let page = 0; page < 20; page += 1) {
      const answer = await ask(call, action, 'look-up', from)
      if (answer.outcome.kind !== 'delivered') return answer.outcome
      if (answer.outcome.empty) return found
      if (lookup.list === undefined) return [answer.body]
      const list = valueAt(answer.body, lookup.list)
      if (!Array.isArray(list)) throw new Error(`no list at ${lookup.list}: ${JSON.stringify(answer.body)}`)
      found.push(...list)
      const { next } = lookup
      if (next === undefined || !('cursor' in next) || valueAt(answer.body, next.more ?? '') !== true)
        return found
      const payload = (call as unknown as Readonly<{ payload: Readonly<{ variables: Values }> }>).payload
      const after = valueAt(answer.body, next.cursor) ?? null
      call = {
        ...call,
        payload: { ...payload, variables: { ...payload.variables, after } },
      } as unknown as Call
    }
    throw new Error(`${action} has no end`)
  }
  const find = async (
    lookup: Lookup,
    action: string,
    from: Values,
  ): Promise<Values | Outcome | undefined> => {
    const list = await items(lookup, action, from)
    if (!Array.isArray(list)) return list as Outcome
    const { where } = lookup
    const item = list.find(
      (each: Json) =>
        where === undefined || ('equals' in where && valueAt(each, where.pointer) === where.equals),
    )
    if (item !== undefined) return capture(item as Json, lookup.captures)
    if (lookup.offer === undefined) return undefined
    const offered = list.map((each: Json) => valueAt(each, lookup.offer ?? '')).join(', ')
    const sought = where !== undefined && 'equals' in where ? JSON.stringify(where.equals) : ''
    return { kind: 'rejected', reason: `no ${lookup.noun} ${sought}; there is: ${offered || 'nothing'}` }
  }
  const isOutcome = (value: Values | Outcome | undefined): value is Outcome =>
    value !== undefined && 'kind' in value

  return {
    refs: () => refs,
    items,
    /** Reads what comes before, sends once, and keeps what is captured. */
    send: async (descriptor: Descriptor): Promise<Carried> => {
      let from = refs
      for (const lookup of descriptor.before ?? []) {
        const found = await find(lookup, descriptor.action, from)
        if (found === undefined) throw new Error(`${descriptor.action}: nothing found before it`)
        if (isOutcome(found)) return { outcome: found, captured: {} }
        from = { ...from, ...found }
      }
      const answer = await ask(descriptor, descriptor.action, 'call', from)
      const captured = answer.outcome.kind === 'delivered' ? capture(answer.body, descriptor.captures) : {}
      refs = { ...captured, ...refs }
      return { outcome: answer.outcome, captured }
    },
    /** Looks a descriptor up; undefined: it is not there. */
    lookUp: async (descriptor: Descriptor): Promise<Values | undefined> => {
      if (typeof descriptor.repeat === 'string') throw new Error(`${descriptor.action} has no look-up`)
      const found = await find(descriptor.repeat as Lookup, descriptor.action, refs)
      if (isOutcome(found)) throw new Error(`the look-up failed: ${JSON.stringify(found)}`)
      return found
    },
  }
}

/** A step with a key of its own. */
export const withKey = (adapter: Linear, step: Step<Linear['config']>, place = 0): Descriptor =>
  step({ key: `act/${adapter.name}/${place}`, config: adapter.config })

/** Why a write was not done. */
export const refusalOf = async (
  adapter: Linear,
  server: HostileLinear,
  choose: (actions: Linear['actions']) => Step<Linear['config']>,
): Promise<string> => {
  const { outcome } = await carrier(adapter, server).send(withKey(adapter, choose(adapter.actions)))
  return outcome.kind === 'delivered' ? 'it was done' : outcome.reason
}
