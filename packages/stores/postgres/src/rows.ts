import {
  type Claim,
  type Delivery,
  type Descriptor,
  type Incoming,
  type Json,
  needs,
  readDescriptor,
  readsOf,
  type State,
  type Via,
  writeDescriptor,
} from '@sessionwire/core/store'

/** States as they are stored: a number is a place in this list. Those in no final state come first. */
export const STATES: readonly State[] = [
  'planned',
  'waiting',
  'claimed',
  'begun',
  'dead',
  'delivered',
  'replaced',
  'dropped',
]
const VIAS: readonly Via[] = ['execute', 'preview', 'handoff']

export const stateNumber = (state: State): number => STATES.indexOf(state)

/** The columns of a delivery `d`. */
export const COLUMNS = `d.lane, d.key, d.position, d.rank, d.action, d.via, d.state, d.sequence, d.holds, d.attempts, d.misses,
  d.unreported, d.planned_at, d.first_at, d.clock_at, d.paused_before, d.due_at, d.exposed, d.rejected, d.doubt_since, d.token,
  d.lease_until, d.owner, d.settled_at, d.reason, d.successor, d.waits_for, d.name, d.keep`

/** A row of `deliveries`, read as JSON. */
export type DeliveryRow = Readonly<{
  lane: number
  key: string
  position: number
  rank: number
  action: string
  via: number
  state: number
  sequence: number
  holds: boolean
  attempts: number
  misses: number
  unreported: number
  planned_at: number
  first_at: number | null
  clock_at: number | null
  paused_before: number
  due_at: number
  exposed: boolean
  rejected: string | null
  doubt_since: number | null
  token: string | null
  lease_until: number | null
  owner: string | null
  settled_at: number | null
  reason: string | null
  successor: string | null
  waits_for: string | null
  name?: string | null
  keep?: boolean
}>

const optional = <K extends string, V>(name: K, value: V | null | undefined): { readonly [N in K]?: V } =>
  value === null || value === undefined ? {} : ({ [name]: value } as { readonly [N in K]: V })

/** A delivery from its row; `body` is its descriptor as it was stored. */
export const deliveryOf = (
  row: DeliveryRow,
  adapter: string,
  lane: string,
  body: string | null | undefined,
): Delivery => ({
  key: row.key,
  adapter,
  lane,
  position: row.position,
  rank: row.rank,
  action: row.action,
  ...(typeof body === 'string' ? { descriptor: readDescriptor(body) } : {}),
  via: VIAS[row.via] as Via,
  state: STATES[row.state] as State,
  sequence: row.sequence,
  holds: row.holds,
  attempts: row.attempts,
  misses: row.misses,
  unreported: row.unreported,
  plannedAt: row.planned_at,
  ...optional('firstAt', row.first_at),
  ...optional('clockAt', row.clock_at),
  pausedBefore: row.paused_before,
  dueAt: row.due_at,
  ...(row.exposed ? { exposed: true as const } : {}),
  ...optional('rejected', row.rejected),
  ...optional('doubtSince', row.doubt_since),
  ...optional('token', row.token),
  ...optional('leaseUntil', row.lease_until),
  ...optional('owner', row.owner),
  ...optional('settledAt', row.settled_at),
  ...optional('reason', row.reason),
  ...optional('successor', row.successor),
  ...optional('waitsFor', row.waits_for),
})

/** How a call may be repeated: 0 never, 1 safely, 2 after a look-up, 3 never, but its adapter repeats it in doubt. */
const againOf = (descriptor: Descriptor): number =>
  descriptor.repeat === 'safe'
    ? 1
    : descriptor.onDoubt === 'repeat'
      ? 3
      : descriptor.repeat === 'unsafe'
        ? 0
        : 2

/** Whether an attempt sends its call first, once it has what it needs: `isSentFirst` of core without its refs. */
const leads = ({ repeat, before, instead }: Descriptor): boolean =>
  repeat !== 'safe' &&
  !(typeof repeat === 'object' && repeat.first === true) &&
  instead === undefined &&
  (before === undefined || before.length === 0)

/** The fields of a descriptor from the columns of its delivery, without those that are empty. */
const partsOf = (descriptor: Descriptor) => {
  const { coalesce, limit, captures } = descriptor
  const reads = readsOf(descriptor)
  const needed = needs(descriptor)
  return {
    again: againOf(descriptor),
    ...(reads === 0 ? {} : { reads }),
    ...(leads(descriptor) ? { leads: true } : {}),
    ...(limit === undefined ? {} : { lim: limit }),
    ...(coalesce === undefined ? {} : { name: coalesce.name }),
    ...(coalesce?.keep === true ? { keep: true } : {}),
    ...(coalesce?.place === 'after' ? { last: true } : {}),
    ...(coalesce?.everyMs === undefined ? {} : { every_ms: Math.ceil(coalesce.everyMs) }),
    ...(needed.length === 0 ? {} : { needs: needed }),
    ...(captures === undefined ? {} : { captures: Object.keys(captures) }),
  }
}

/** The name under which others give way to it, if they do. */
export const nameOf = ({ descriptor }: Pick<Incoming, 'descriptor'>): string | undefined =>
  descriptor?.coalesce?.keep === true ? undefined : descriptor?.coalesce?.name

/** Whether it only goes to the end of its lane, to be sent: all such of a lane are written at once. */
export const isPlain = ({ descriptor, via }: Incoming): boolean =>
  descriptor !== undefined && via === 'execute' && descriptor.coalesce === undefined

/** A newcomer as `commit_1` reads it; its body is a line of its own. */
export const incomingRow = ({ key, action, via, sequence, holds, descriptor, reason }: Incoming) => ({
  key,
  action,
  sequence,
  state: stateNumber(descriptor === undefined ? 'dead' : via === 'preview' ? 'planned' : 'waiting'),
  via: VIAS.indexOf(via),
  ...(holds ? { holds } : {}),
  ...(reason === undefined ? {} : { reason }),
  ...(descriptor === undefined ? { again: 0 } : partsOf(descriptor)),
})

/** A whole row of `deliveries`. */
export const rowOf = (lane: number, delivery: Delivery): Readonly<Record<string, unknown>> => {
  const { descriptor } = delivery
  const parts: Partial<ReturnType<typeof partsOf>> =
    descriptor === undefined ? { again: 0 } : partsOf(descriptor)
  const { captures: _, last: __, ...columns } = parts
  return {
    ...{ reads: 0, leads: false, keep: false, ...columns },
    lane,
    position: delivery.position,
    rank: delivery.rank,
    key: delivery.key,
    state: stateNumber(delivery.state),
    via: VIAS.indexOf(delivery.via),
    holds: delivery.holds,
    attention: delivery.state === 'planned' || delivery.state === 'dead' || delivery.doubtSince !== undefined,
    sequence: delivery.sequence,
    attempts: delivery.attempts,
    misses: delivery.misses,
    unreported: delivery.unreported,
    planned_at: delivery.plannedAt,
    due_at: delivery.dueAt,
    paused_before: delivery.pausedBefore,
    first_at: delivery.firstAt,
    clock_at: delivery.clockAt,
    doubt_since: delivery.doubtSince,
    lease_until: delivery.leaseUntil,
    settled_at: delivery.settledAt,
    exposed: delivery.exposed === true,
    token: delivery.token,
    owner: delivery.owner,
    action: delivery.action,
    reason: delivery.reason,
    rejected: delivery.rejected,
    successor: delivery.successor,
    waits_for: delivery.waitsFor,
    body: descriptor === undefined ? undefined : writeDescriptor(descriptor),
  }
}

/** One delivery in the answers of `claim_1` and `take_1`. */
type ClaimRow = DeliveryRow &
  Readonly<{
    adapter: number
    lane_name: string
    paused_ms: number
    refs: Readonly<Record<string, Json>>
    captured: Readonly<Record<string, Json>> | null
    owed: readonly Readonly<{ name: string; key: string; state: number }>[] | null
  }>

/** A claim from its row. */
export const claimOf = (text: string, body: string | null, adapterOf: (id: number) => string): Claim => {
  const row = JSON.parse(text) as ClaimRow
  const delivery = deliveryOf(row, adapterOf(row.adapter), row.lane_name, body)
  const { descriptor } = delivery
  const needed = descriptor === undefined ? [] : needs(descriptor)
  const names = [...new Set([...needed, ...Object.keys(descriptor?.captures ?? {})])]
  const refs = Object.fromEntries(
    names.flatMap(name => {
      if (Object.hasOwn(row.refs, name)) return [[name, row.refs[name] as Json]]
      const captured = row.captured ?? {}
      return Object.hasOwn(captured, name) ? [[name, captured[name] as Json]] : []
    }),
  )
  const owed = Object.fromEntries(
    needed.flatMap(name => {
      const debtor = Object.hasOwn(refs, name) ? undefined : row.owed?.find(each => each.name === name)
      return debtor === undefined
        ? []
        : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' } as const]]
    }),
  )
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...delivery } as Claim['delivery'],
    refs,
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs: row.paused_ms,
  }
}
