import type { AnyAdapter } from '../adapter/contract.ts'
import { plan, readRefs } from '../adapter/plan.ts'
import { targetOf } from '../adapter/target.ts'
import type { Incoming } from '../delivery/model.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { toError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import type { LanePlan } from '../store/contract.ts'

/** An event with the session as it was then. */
export type Moment = Readonly<{ event: SessionEvent; session: Session }>

/** A descriptor as it enters its lane. */
export const toIncoming = (adapter: AnyAdapter, descriptor: Descriptor, sequence: number): Incoming => ({
  key: descriptor.key,
  action: descriptor.action,
  via: adapter.mode,
  sequence,
  descriptor,
  // Adapters that are assembled by hand do not set `holds`: what their start captures is the card.
  holds:
    descriptor.holds === true ||
    (adapter.publicSecrets === undefined &&
      sequence === 1 &&
      Object.keys(descriptor.captures ?? {}).length > 0),
})

/**
 * Everything one event plans for one adapter. A hook or `when` that throws, or plans what could not be stored, leaves one
 * dead delivery in its place: the recording call must not suffer for it.
 */
export const planEvent = (
  adapter: AnyAdapter,
  event: SessionEvent,
  session: Session,
  suffix = '',
): readonly Incoming[] => {
  if (adapter.hooks[event.type] === undefined) return []
  try {
    const descriptors = plan(adapter, event, session, suffix)
    for (const descriptor of descriptors) checkDescriptor(descriptor)
    return descriptors.map(descriptor => toIncoming(adapter, descriptor, event.sequence))
  } catch (thrown) {
    const said = toError(thrown).message
    return [
      {
        key: `${event.id}/${adapter.name}/0${suffix}`,
        action: event.type,
        via: adapter.mode,
        sequence: event.sequence,
        reason: `The ${event.type} hook failed: ${said}`.slice(0, 300),
        // What follows would need what it should have made.
        holds: event.type === 'start' || event.type === 'init',
      },
    ]
  }
}

/** Whether `start` handed anything over to this adapter. */
export const hasRefsFor = ({ refs }: Pick<Session, 'refs'>, adapter: string): boolean =>
  Object.keys(refs[adapter] ?? {}).length > 0

/** Refs without those of one adapter. */
export const refsWithout = ({ refs }: Pick<Session, 'refs'>, adapter: string): Session['refs'] => {
  const { [adapter]: _, ...others } = refs
  return others
}

/** The session for an adapter that made a new card: the refs linked to it no longer count. */
export const withoutRefsOf = (session: Session, adapter: string): Session => ({
  ...session,
  refs: refsWithout(session, adapter),
})

/** Opens a lane, planned through `to`. */
export const planOpening = (
  adapter: AnyAdapter,
  session: Pick<Session, 'id' | 'refs'>,
  to: number,
  deliveries: readonly Incoming[],
): LanePlan => ({
  adapter: adapter.name,
  lane: session.id,
  open: { refs: readRefs(adapter, session), target: targetOf(adapter) },
  through: { from: 0, to },
  deliveries,
})

const nameOf = (each: Incoming): string | undefined => each.descriptor?.coalesce?.name

/**
 * A whole past session in few calls. The start is planned with the session as it is now; of what follows, only the last
 * call of each coalesce name is kept, for these set a state and the last one holds, and everything the close plans (the
 * one summary). An adapter without such calls keeps no card but a record of each event (a graph), and gets them all.
 * `also` says which entries between are wanted as well.
 */
export const summarize = (
  adapter: AnyAdapter,
  moments: Iterable<Moment>,
  suffix = '',
  also: (each: Incoming) => boolean = () => false,
): readonly Incoming[] => {
  const all: Incoming[] = []
  const states = new Map<string, Incoming>()
  let first: SessionEvent | undefined
  let last: Moment | undefined
  let closing: readonly Incoming[] = []
  for (const moment of moments) {
    const deliveries = planEvent(adapter, moment.event, moment.session, suffix)
    all.push(...deliveries)
    first ??= moment.event
    last = moment
    for (const each of deliveries) {
      const name = nameOf(each)
      if (name !== undefined) states.set(name, each)
    }
    if (moment.event.type === 'close') closing = deliveries
    if (moment.event.type === 'resume') closing = []
  }
  if (first === undefined || last === undefined || states.size === 0) return all
  const entries = all.filter(each => nameOf(each) === undefined && also(each))
  const kept = new Set([...states.values(), ...closing, ...entries])
  return [
    ...planEvent(adapter, first, last.session, suffix),
    ...all.filter(each => kept.has(each) && each.sequence > 1),
  ]
}
