import type { Call, Capture, Captures, Descriptor, Lookup, Where } from '../descriptor/descriptor.ts'
import { type Guarantee, guarantee } from '../descriptor/guarantee.ts'
import { placeholders, type Slot, secretsIn, slotsIn } from '../descriptor/refs.ts'
import type { Renderers, Variables } from '../descriptor/renderer.ts'
import { operationOf } from './graphql.ts'

/** One line of at most so many characters: a comment must not end where a text has a line end. */
const line = (text: string, most: number) => {
  const flat = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  return flat.length <= most ? flat : `${flat.slice(0, most - 1)}…`
}
/** Longest line, and longest line of a query, which says what a read asks, in characters. */
const MOST = 400
const MOST_OF_QUERY = 2_000

const target = (call: Call, renderers: Renderers): string => {
  if (call.kind === 'custom') {
    const about = Object.hasOwn(renderers, call.target) ? renderers[call.target]?.about : undefined
    return about?.(call) ?? `${call.target}${call.endpoint === undefined ? '' : ` at ${call.endpoint}`}`
  }
  return `${call.method} ${typeof call.endpoint === 'string' ? call.endpoint : `the address in ${call.endpoint.$secret}`}`
}

const describeChoice = (list: string | undefined, where: Where | undefined): string => {
  const item = list === undefined ? '' : ` of the item of ${list === '' ? 'the reply' : list}`
  if (where === undefined) return item
  const test =
    'contains' in where
      ? `contains ${JSON.stringify(where.contains)}`
      : `is ${('oneOf' in where ? where.oneOf : [where.equals]).map(each => JSON.stringify(each)).join(', else ')}`
  return `${item || ' of the reply'} whose ${where.pointer === '' ? 'whole' : where.pointer} ${test}`
}

const describeCapture = (capture: Capture): string => {
  if (typeof capture === 'string') return capture || 'the whole'
  return 'otherwise' in capture
    ? `${capture.pick} (else ${JSON.stringify(capture.otherwise)})`
    : `${capture.pick}${describeChoice(capture.list, capture.where)}`
}

const describeCaptures = (captures: Captures | undefined): string =>
  Object.entries(captures ?? {})
    .map(([name, capture]) => `${name} = ${describeCapture(capture)}`)
    .join(', ')

const describeRead = ({ call, list, where, captures }: Lookup, renderers: Renderers): string =>
  `${describeCaptures(captures) || 'a look'}${describeChoice(list, where)}; ${target(call, renderers)}`

/** The query of a read of a GraphQL service: all of its reads go to one address. */
const describeQuery = (call: Call): string => {
  const operation = operationOf(call)
  if (operation === undefined) return ''
  const { query, variables } = operation
  const given = variables === undefined || variables === null ? '' : ` with ${JSON.stringify(variables)}`
  return `${query.replace(/\s+/g, ' ').trim()}${given}`
}

const GUARANTEES: Readonly<Record<Guarantee, string>> = {
  upsert: 'sent again as it stands, which is harmless',
  'at-most-once': 'not sent again; a person decides',
  native: 'looked up by its id before it is sent again',
  reconcile: 'looked up by our mark before it is sent again',
}

const describeRepeat = ({ repeat, asterisk }: Descriptor, renderers: Renderers): string => {
  const kind = guarantee({ repeat })
  const lookup = typeof repeat === 'string' ? '' : `; ${target(repeat.call, renderers)}`
  const [star, doubt] = asterisk === undefined ? ['', ''] : ['*', `; * ${asterisk}`]
  return `${GUARANTEES[kind]}${star} (${kind})${lookup}${doubt}`
}

const TIMES = { iso: 'ISO 8601', seconds: 'epoch seconds, six decimals', milliseconds: 'epoch milliseconds' }
const FROM = {
  lane: 'from the answer to an earlier request of the session, or a ref that start was given',
  before: 'read just before, see there',
}

const source = (slot: Slot, descriptor: Descriptor): string => {
  if ('secret' in slot) return 'a secret, read when the call is sent'
  if ('attempt' in slot) {
    const { as = 'iso', backMs = 0 } = slot.attempt
    return `time of the first attempt${backMs === 0 ? '' : ` less ${backMs} ms`}, ${TIMES[as]}`
  }
  const found = placeholders(descriptor).find(
    placeholder => placeholder.name === slot.ref && placeholder.from !== 'attempt',
  )
  const joined =
    slot.block !== undefined
      ? `, with the block between ${slot.block.between.join(' and ')} replaced by ${JSON.stringify(slot.block.put)}`
      : slot.with === undefined
        ? ''
        : `, as JSON, joined with ${JSON.stringify(slot.with)}`
  const address = found?.at.includes('/endpoint') ? '; percent-encoded in the address' : ''
  return `${FROM[found?.from === 'before' ? 'before' : 'lane']}${joined}${address}`
}

/** Names of the secrets of a call. */
const secrets = (call: Call): readonly string[] => {
  const { auth } = call
  return auth !== undefined && 'login' in auth
    ? [...secretsIn(call), `the token of ${auth.login}, which its adapter signs in for`]
    : secretsIn(call)
}

const describeCoalesce = ({ coalesce }: Descriptor): string => {
  if (coalesce === undefined) return ''
  const pace =
    coalesce.everyMs === undefined || coalesce.everyMs === 0
      ? ''
      : `; at most one in ${coalesce.everyMs} ms is sent`
  return coalesce.keep === true
    ? `nothing; each "${coalesce.name}" is sent`
    : `those named "${coalesce.name}" that still wait${pace}`
}

/** The calls that are sent where people removed the block that the call replaces. */
const describeInstead = ({ instead }: Descriptor, renderers: Renderers): string =>
  instead === undefined
    ? ''
    : `where people removed the block, ${target(instead.edit, renderers)}, or ${target(instead.create, renderers)} the first time; ` +
      `found by ${target(instead.find.call, renderers)}${describeChoice(instead.find.list, instead.find.where)}`

/** The facts about a descriptor that its request does not show: a label and a text on each line. */
export const heading = (
  descriptor: Descriptor,
  names: Variables,
  show: (variable: string) => string,
  renderers: Renderers = {},
): readonly string[] => {
  const filled = new Map(slotsIn(descriptor).map(slot => [names.of(slot), source(slot, descriptor)]))
  const rows: readonly (readonly [string, string])[] = [
    ['action', descriptor.action],
    ['key', descriptor.key],
    ['sent to', descriptor.kind === 'custom' ? target(descriptor, renderers) : ''],
    ['without an answer', describeRepeat(descriptor, renderers)],
    ['replaces', describeCoalesce(descriptor)],
    ['keeps of the answer', describeCaptures(descriptor.captures)],
    ['look-up asks', typeof descriptor.repeat === 'string' ? '' : describeQuery(descriptor.repeat.call)],
    ...(descriptor.before ?? []).flatMap(lookup => [
      ['before', describeRead(lookup, renderers)] as const,
      ['before asks', describeQuery(lookup.call)] as const,
    ]),
    ['instead', describeInstead(descriptor, renderers)],
    ['instead asks', descriptor.instead === undefined ? '' : describeQuery(descriptor.instead.find.call)],
    ...[...filled].map(([name, from]) => ['fill in', `${show(name)}: ${from}`] as const),
    ['secrets', secrets(descriptor).join(', ')],
  ]
  return rows
    .filter(([, text]) => text !== '')
    .map(([label, text]) => line(`${label}: ${text}`, label.endsWith(' asks') ? MOST_OF_QUERY : MOST))
}
