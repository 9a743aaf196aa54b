import assert from 'node:assert/strict'
import type { AnyAdapter } from '../adapter/contract.ts'
import { isForeign } from '../delivery/judge.ts'
import { look, type Values } from '../delivery/look.ts'
import { capture, soughtBy } from '../descriptor/captures.ts'
import type { Call, Captures, Descriptor, Lookup } from '../descriptor/descriptor.ts'
import { fill } from '../descriptor/fill.ts'
import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import { refsIn } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import type { Transport } from '../transport/contract.ts'

/** Carries descriptors to a service one by one, once, in order: no queue, no pauses, no second thoughts. */
export type Carrier = Readonly<{
  adapter: AnyAdapter
  transport: Transport
  /** Epoch ms of the service's clock. */
  now: () => number
}>

/** How one sending ended. `values` are the captures so far, and its own when it was delivered. */
export type Carried = Readonly<{ outcome: Outcome; reply: Reply; values: Values }>

const sending =
  ({ adapter, transport }: Carrier, action: string) =>
  async (call: Call, role: Role) => {
    const reply = await transport.send(call, { timeoutMs: 10_000 })
    if (reply.kind === 'answer')
      assert.ok(
        !isForeign(adapter, reply),
        `isOwn takes the service's own answer to ${action} for a stranger's: ${JSON.stringify(reply).slice(0, 600)}`,
      )
    return { reply, outcome: adapter.outcome(reply, { action, role }) }
  }

/** Fills a call and sends it. Throws when a placeholder of it has no value: the plan is wrong then. */
export const sendOnce = (
  carrier: Carrier,
  call: Call,
  values: Values,
  firstAt: number,
  sent: Readonly<{ action: string; role: Role }>,
): Promise<Readonly<{ outcome: Outcome; reply: Reply }>> => {
  const filled = fill(call, values, firstAt)
  if (!filled.ok) assert.fail(`${sent.action} (${sent.role}): ${filled.reason}`)
  return sending(carrier, sent.action)(filled.call, sent.role)
}

const takeCaptures = (body: Json, captures: Captures | undefined, action: string): Values => {
  const found = capture(body, captures ?? {})
  const shown = JSON.stringify(body).slice(0, 600)
  assert.ok(found.ok, `${action}: the answer lacks ${found.ok ? '' : found.missing.join(', ')}: ${shown}`)
  return found.values
}

const before = async (
  carrier: Carrier,
  descriptor: Descriptor,
  values: Values,
  firstAt: number,
): Promise<Values> => {
  let all = values
  for (const lookup of descriptor.before ?? []) {
    const looked = await look(lookup, all, firstAt, sending(carrier, descriptor.action))
    if (looked.kind !== 'item')
      assert.fail(
        `${descriptor.action}: a read before it found nothing: ${JSON.stringify({ looked, lookup })}`,
      )
    all = { ...all, ...looked.captures }
  }
  return all
}

const assertOurs = ({ repeat, action }: Descriptor, body: Json): void => {
  if (typeof repeat !== 'object' || repeat.by !== 'id' || repeat.where === undefined) return
  const id = soughtBy(repeat.where)
  const text = JSON.stringify(id)
  assert.ok(
    JSON.stringify(body).includes(text.slice(1, -1)),
    `the answer to ${action} does not carry our id ${text}`,
  )
}

/** Reads what `before` wants, then sends the call once. A value that is there already stays. */
export const carry = async (
  carrier: Carrier,
  descriptor: Descriptor,
  values: Values,
  firstAt: number,
): Promise<Carried> => {
  const all = await before(carrier, descriptor, values, firstAt)
  const sent = { action: descriptor.action, role: 'call' } as const
  const { outcome, reply } = await sendOnce(carrier, descriptor, all, firstAt, sent)
  if (outcome.kind !== 'delivered') return { outcome, reply, values }
  const body = reply.kind === 'answer' ? reply.body : null
  assertOurs(descriptor, body)
  return {
    outcome,
    reply,
    values: { ...takeCaptures(body, descriptor.captures, descriptor.action), ...values },
  }
}

/** Finds out whether a descriptor was applied: with its captures if it was. Throws when the look-up cannot tell. */
export const reconcile = async (
  carrier: Carrier,
  descriptor: Descriptor,
  values: Values,
  firstAt: number,
): Promise<Values | undefined> => {
  const { repeat, action } = descriptor
  if (typeof repeat === 'string') assert.fail(`${action} has no look-up`)
  // As a worker: a doubt must not die of a read that no longer finds anything, unless the look-up needs it.
  const early = refsIn(repeat.call).every(name => Object.hasOwn(values, name))
  const all = early ? values : await before(carrier, descriptor, values, firstAt)
  const looked = await look(repeat as Lookup, all, firstAt, sending(carrier, action))
  if (looked.kind === 'none') return undefined
  if (looked.kind !== 'item') assert.fail(`the look-up of ${action} failed: ${JSON.stringify(looked)}`)
  return { ...looked.captures, ...values }
}
