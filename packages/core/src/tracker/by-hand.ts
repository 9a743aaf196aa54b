import type { AnyAdapter } from '../adapter/contract.ts'
import type { Moved, Pause } from '../delivery/model.ts'
import { capture } from '../descriptor/captures.ts'
import type { Call, Descriptor } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { fill } from '../descriptor/refs.ts'
import { keysOf, wrongInput } from '../recorder/asked.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'

/** A delivery taken to be sent by somebody else, who then says `acknowledge`. */
export type Taken = Readonly<{
  key: string
  adapter: string
  lane: string
  action: string
  descriptor: Descriptor
  /** What the lane knows of the names it needs. */
  refs: Readonly<Record<string, Json>>
  /** The call with its holes filled; absent when something it needs must be read first (`before`). */
  call?: Call
}>

/** What somebody who sent a call by hand got back; its status counts as success where it is not said. */
export type HandReply = Reply | Readonly<{ body?: Json }>

const bad = (where: string, field: string, problem: string) => wrongInput(`${where}.${field}`, problem)

/** Takes the next deliveries planned in mode `handoff`, in order. */
export const take = async (store: Store, adapter: string, limit: number): Promise<readonly Taken[]> => {
  const claims = await store.take(adapter, limit)
  return claims.map(({ delivery, refs }) => {
    const { key, lane, action, descriptor, firstAt = store.now() } = delivery
    const filled = fill(descriptor, refs, firstAt)
    return { key, adapter, lane, action, descriptor, refs, ...(filled.ok ? { call: filled.call } : {}) }
  })
}

const replyOf = (reply: HandReply | undefined): Reply =>
  reply !== undefined && 'kind' in reply
    ? reply
    : { kind: 'answer', status: 200, headers: {}, body: reply?.body ?? null }

/** Says that a call was made elsewhere, and takes from its reply what later calls need. The first one counts. */
export const acknowledge = async (
  store: Store,
  adapters: ReadonlyMap<string, AnyAdapter>,
  key: string,
  given: HandReply | undefined,
): Promise<Moved> => {
  const [delivery] = await store.list({ keys: keysOf(key, 'acknowledge'), limit: 1 })
  if (delivery === undefined) throw bad('acknowledge', 'key', `no delivery has the key "${key}"`)
  const { descriptor, action, state } = delivery
  const wanted = state === 'delivered' ? undefined : descriptor?.captures
  const reply = replyOf(given)
  const outcome = adapters.get(delivery.adapter)?.outcome(reply, { action, role: 'call' })
  if (state !== 'delivered' && outcome !== undefined && outcome.kind !== 'delivered')
    throw bad('acknowledge', 'reply', `it says ${outcome.kind}: ${outcome.reason}`)
  const body = reply.kind === 'answer' ? reply.body : null
  const captured = capture(body, wanted ?? {})
  if (!captured.ok) {
    const places = captured.missing.map(name => `${name} (${JSON.stringify(wanted?.[name])})`)
    throw bad('acknowledge', 'reply', `its body does not hold ${places.join(', ')}`)
  }
  const [moved] = await store.move([key], { kind: 'acknowledge', captures: captured.values })
  if (moved === undefined) throw bad('acknowledge', 'key', `no delivery has the key "${key}"`)
  return moved
}

/** What `pause` takes beside the adapter. */
export type PauseInput = Readonly<{
  /** One of the adapter's limits; default the whole adapter. */
  limit?: string | undefined
  reason?: string | undefined
  /** Ends by itself after this long, ms; default when `unpause` is called. */
  forMs?: number | undefined
}>

/** A pause that a person asked for. */
export const askedPause = (store: Store, adapter: string, { limit, reason, forMs }: PauseInput): Pause => {
  if (forMs !== undefined && !(Number.isFinite(forMs) && forMs > 0))
    throw bad('pause', 'forMs', 'give a number of milliseconds above 0')
  const since = store.now()
  return {
    adapter,
    kind: 'asked',
    reason: reason ?? 'somebody asked for it',
    since,
    ...(limit === undefined ? {} : { limit }),
    ...(forMs === undefined ? {} : { until: since + Math.ceil(forMs) }),
  }
}
