import { type Action, type AnyAdapter, at, type Descriptor, type Json, plan } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { TARGETS } from '../targets.ts'

/** What no service answers to a write that it has done. */
const BODIES: readonly Json[] = [
  { error: 'no' },
  { error: { message: 'no' } },
  { errors: [{ message: 'no' }] },
  { errorMessages: ['no'], errors: {} },
  { message: 'not found' },
  { message: 'Invalid token' },
  { _error_message: 'no' },
  { status: 'failed' },
  { ok: false, error: 'no' },
  { success: true },
  { data: null },
  { data: {} },
  {},
  [],
  [{ id: 1, version: 1 }],
  0,
  5,
  true,
  false,
  null,
  'not found',
  '<!doctype html><title>Sign in</title>',
  '{"cut": "off',
]

/** Jira documents these without a word on what they answer. */
const QUIET: readonly Json[] = [
  { _error_message: 'no' },
  { status: 'failed' },
  { success: true },
  { data: null },
  { data: {} },
  {},
  null,
]
/** Opsera documents for no change what it answers: any object will do that does not speak of trouble. */
const UNDOCUMENTED: readonly Json[] = [
  { errorMessages: ['no'], errors: {} },
  { _error_message: 'no' },
  { success: true },
  { data: null },
  { data: {} },
  {},
]

/** Receivers answer what they want: by the standard any status from 200 to 299 is a delivery, but for a page of HTML. */
const ANY: readonly Json[] = BODIES.filter(body => typeof body !== 'string' || !body.startsWith('<'))

/** Backends of OTLP answer an export with an empty message, or with no body at all (Loki 204, Prometheus 200), which reads as null. */
const NO_BODY: readonly Json[] = [{}, null]

/** What is taken for done all the same, because nothing better is known. */
const TAKEN: Readonly<Record<string, readonly Json[]>> = {
  'receiver sendSessionEvent': ANY,
  'receiver sendEvent': ANY,
  'otlp sendLog': NO_BODY,
  'otlp sendTrace': NO_BODY,
  'otlp sendEvent': NO_BODY,
  'jira setProperty': QUIET,
  'jira linkIssues': QUIET,
  'jira setStoryPoints': QUIET,
  'opsera editCard': UNDOCUMENTED,
  'opsera updateProject': UNDOCUMENTED,
  'opsera linkTask': UNDOCUMENTED,
  'opsera notifyRun': UNDOCUMENTED,
}

const ADDRESSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  jira: { baseUrl: 'https://jira.example' },
  taiga: { baseUrl: 'https://taiga.example/api/v1' },
  opsera: { baseUrl: 'https://opsera.example' },
  neo4j: { uri: 'https://graph.example' },
}

/** What exists already, for each adapter. */
const REFS = {
  slack: { thread: '1503435956.000247' },
  linear: { issue: 'BIL-1' },
  jira: { issue: 'ENG-1' },
  taiga: { story: '4711' },
}

/** Everything that writes: what a session plans, with a card of its own and with one it was given, and every action. */
const writesOf = (adapter: AnyAdapter): readonly Descriptor[] => {
  const planned = [{}, { refs: REFS }].flatMap(options =>
    story(options).flatMap(({ event, session }) => plan(adapter, event, session)),
  )
  const acted = Object.values(adapter.actions as Readonly<Record<string, Action<never, unknown>>>)
    .filter(({ effect }) => effect !== ('read' as string))
    .map(made => made(made.example)({ key: 'k', config: adapter.config }))
  const all = [...planned, ...acted]
  return [...new Map(all.map(each => [each.action, each])).values()]
}

/** Whether an answer is all that core asks of a success: each of its captures is there. */
const isBelieved = (adapter: AnyAdapter, { action, captures = {} }: Descriptor, body: Json): boolean =>
  adapter.outcome({ kind: 'answer', status: 200, headers: {}, body }, { action, role: 'call' }).kind ===
    'delivered' &&
  Object.values(captures).every(capture => typeof capture === 'string' && at(body, capture).found)

describe.each(TARGETS)('$name', target => {
  const adapter = target.make(ADDRESSES[target.name] ?? {})
  test.each(writesOf(adapter).map(each => [each.action, each] as const))(
    '%s is done only where the answer says so',
    (action, descriptor) => {
      const believed = BODIES.filter(body => isBelieved(adapter, descriptor, body))
      expect(believed).toEqual(TAKEN[`${target.name} ${action}`] ?? [])
    },
  )
})
