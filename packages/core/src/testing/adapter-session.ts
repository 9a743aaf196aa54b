import assert from 'node:assert/strict'
import type { AnyAdapter } from '../adapter/contract.ts'
import { plan } from '../adapter/plan.ts'
import type { Values } from '../delivery/look.ts'
import { items } from '../descriptor/captures.ts'
import type { Descriptor, Lookup } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { checkAnswer } from '../tracker/read.ts'
import { actionsOf, build } from './adapter-checks.ts'
import { type Carrier, carry, reconcile, sendOnce } from './carry.ts'
import type { Received } from './hostile-failures.ts'
import type { HostileServer } from './hostile-server.ts'
import { plainSender } from './plain-sender.ts'
import type { Moment } from './story.ts'

/** A hostile service as the suite uses it. */
export type ServiceUnderTest = Readonly<{
  /** Where it listens, what it was asked and what it did. */
  server: HostileServer
  /** Options of the adapter that point it at the service. */
  options: Readonly<Record<string, unknown>>
  /** Values of secrets that are known only now, such as an address; over those of the suite. */
  secrets?: Readonly<Record<string, string>>
  /** Values it refuses; default `wrong` for each. */
  wrongSecrets?: Readonly<Record<string, string>>
  /** Counts of the service's stored items: cards, and entries below them. */
  inspect: () => Readonly<{
    /** The session's places in the tool. */
    cards: number
    /** Comments, replies and the like below them. */
    entries: number
  }>
  /** Makes visible what lags behind (a search index), before each look-up. */
  catchUp?: () => void
  /**
   * Input of an action whose `example` names something that the service does not have, such as a card. Asked before each
   * action, so it can name what the session or an earlier action made. `undefined` leaves the action out. Default: the
   * `example`.
   */
  inputOf?: (action: string, example: unknown) => unknown
  /** False for requests that are not calls of the adapter, such as a login. Default: every request is one. */
  isCall?: (request: Received) => boolean
}>

/** Failure of the first try of each call: nothing, its answer is lost, or it never arrives. */
export type Trouble = 'none' | 'answer lost' | 'request lost'

/** An adapter at a service, ready to carry. */
export const carrierOf = (
  adapter: AnyAdapter,
  { server }: ServiceUnderTest,
  secrets: Readonly<Record<string, string>>,
): Carrier => {
  const { now } = server.host
  const http = plainSender(secrets, {
    now,
    ...(adapter.signers === undefined ? {} : { signers: adapter.signers }),
  })
  const transport = adapter.transport?.({ secrets: name => secrets[name], http, now }) ?? http
  return { adapter, transport, now }
}

const describeSending = (descriptor: Descriptor, reply: Reply) =>
  `${descriptor.action} (${descriptor.key})\nsent: ${JSON.stringify(descriptor).slice(0, 1500)}\ngot: ${JSON.stringify(reply).slice(0, 1500)}`

const deliver = async (
  carrier: Carrier,
  descriptor: Descriptor,
  values: Values,
  firstAt: number,
): Promise<Values> => {
  const first = typeof descriptor.repeat === 'object' && descriptor.repeat.first
  const found = first ? await reconcile(carrier, descriptor, values, firstAt) : undefined
  if (found !== undefined) return found
  const { outcome, reply, values: now } = await carry(carrier, descriptor, values, firstAt)
  assert.equal(outcome.kind, 'delivered', `${JSON.stringify(outcome)}\n${describeSending(descriptor, reply)}`)
  return now
}

/** The first try of a call fails on its way; then what a worker does: look, and send again if nothing is there. */
const recover = async (
  carrier: Carrier,
  { server, catchUp, isCall }: ServiceUnderTest,
  descriptor: Descriptor,
  values: Values,
  applied: boolean,
): Promise<Values> => {
  const firstAt = carrier.now()
  const reads = descriptor.before?.length ?? 0
  const stop = server.fail({
    ...(isCall === undefined ? {} : { when: isCall }),
    skip: reads,
    failure: { kind: 'reset', applied },
  })
  const { outcome, reply } = await carry(carrier, descriptor, values, firstAt)
  stop()
  assert.equal(
    outcome.kind,
    'unknown',
    `a lost answer must be in doubt: ${describeSending(descriptor, reply)}`,
  )
  if (descriptor.repeat === 'safe') return deliver(carrier, descriptor, values, firstAt)
  catchUp?.()
  const found = await reconcile(carrier, descriptor, values, firstAt)
  assert.equal(
    found !== undefined,
    applied,
    `the look-up must ${applied ? 'find what was applied' : 'find nothing'}: ${describeSending(descriptor, reply)}`,
  )
  return found ?? deliver(carrier, descriptor, values, firstAt)
}

/** Plans every moment and carries it, in order; gives the captures of the lane. */
export const carrySession = async (
  carrier: Carrier,
  service: ServiceUnderTest,
  moments: readonly Moment[],
  trouble: Trouble = 'none',
  refs: Values = {},
): Promise<Values> => {
  let values = refs
  for (const { event, session } of moments)
    for (const descriptor of plan(carrier.adapter, event, session)) {
      const calm = trouble === 'none' || descriptor.repeat === 'unsafe'
      values = calm
        ? await deliver(carrier, descriptor, values, carrier.now())
        : await recover(carrier, service, descriptor, values, trouble === 'answer lost')
    }
  return values
}

/** Throws unless the answer to a read has what `tracker.read` would give. */
const assertAnswer = (
  read: Readonly<{ action: string; output: unknown }>,
  lookup: Lookup,
  body: Json,
): void => {
  const found = items(body, lookup)
  assert.ok(found !== undefined, `the answer has no list at ${lookup.list ?? ''}`)
  checkAnswer(read, 'answer', lookup.list === undefined ? body : found)
}

/**
 * Carries what each action makes of its input, in the lane of a session that has begun. Gives a line for each that was not
 * delivered.
 */
export const sendExamples = async (
  carrier: Carrier,
  service: ServiceUnderTest,
  begin: readonly Moment[],
): Promise<readonly string[]> => {
  const { adapter } = carrier
  const values = await carrySession(carrier, service, begin)
  const refused: string[] = []
  for (const [place, action] of Object.values(actionsOf(adapter)).entries()) {
    const input =
      service.inputOf === undefined ? action.example : service.inputOf(action.action, action.example)
    if (input === undefined) continue
    const built = build(adapter, action, input, place)
    service.catchUp?.()
    try {
      if ('key' in built) await deliver(carrier, built, values, carrier.now())
      else {
        const sent = { action: action.action, role: 'look-up' } as const
        const { outcome, reply } = await sendOnce(carrier, built.call, values, carrier.now(), sent)
        assert.equal(outcome.kind, 'delivered', JSON.stringify(outcome))
        // The example may name what is not there.
        const isEmpty = outcome.kind === 'delivered' && outcome.empty === true
        if (action.effect === 'read' && reply.kind === 'answer' && !isEmpty)
          assertAnswer(action, built, reply.body)
      }
    } catch (error) {
      refused.push(`${action.action}: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  return refused
}
