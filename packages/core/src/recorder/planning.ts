import type { AnyAdapter } from '../adapter/contract.ts'
import { plan, readRefs } from '../adapter/plan.ts'
import type { Incoming } from '../delivery/model.ts'
import { targetOf } from '../delivery/place.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor, Link } from '../descriptor/descriptor.ts'
import { toError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import { cleanText } from '../session/text.ts'
import type { LanePlan } from '../store/contract.ts'
import type { RecorderContext } from './context.ts'
import {
  addEvent,
  copyLater,
  eventsOf,
  type LiveSession,
  lastMoving,
  type Moment,
  replay,
  revisionOf,
  withRefsOf,
} from './live-session.ts'

/** A descriptor as it enters its lane. */
export const toIncoming = (adapter: AnyAdapter, descriptor: Descriptor, sequence: number): Incoming => ({
  key: descriptor.key,
  action: descriptor.action,
  via: adapter.mode,
  sequence,
  descriptor,
  holds: descriptor.holds === true,
})

/** The links that the text of an adapter's card shows, of those that are known. */
export const linksFor = (
  { name, hooks, crossLinks }: Pick<AnyAdapter, 'name' | 'hooks' | 'crossLinks'>,
  links: readonly Link[],
): readonly Link[] =>
  hooks.linked?.inCard === true && crossLinks !== false && links.length > 0
    ? links.filter(({ adapter }) => adapter !== name)
    : []

/**
 * Everything one event plans for one adapter; `links` are all that are known of the session. A hook or `when` that throws, or plans what could not be stored, leaves one
 * dead delivery in its place: the recording call must not suffer for it.
 */
export const planEvent = (
  adapter: AnyAdapter,
  event: SessionEvent,
  session: Session,
  suffix = '',
  links: readonly Link[] = [],
): readonly Incoming[] => {
  if (adapter.hooks[event.type] === undefined) return []
  try {
    const descriptors = plan(adapter, event, session, suffix, linksFor(adapter, links))
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
        reason: cleanText(`The ${event.type} hook failed: ${said}`.slice(0, 4_800))
          .slice(0, 300)
          .toWellFormed(),
        // Later deliveries would need its result.
        holds: event.type === 'start' || event.type === 'init',
      },
    ]
  }
}

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
  links: readonly Link[] = [],
): readonly Incoming[] => {
  const all: Incoming[] = []
  const states = new Map<string, Incoming>()
  let first: SessionEvent | undefined
  let last: Moment | undefined
  let closing: readonly Incoming[] = []
  for (const moment of moments) {
    const deliveries = planEvent(adapter, moment.event, moment.session, suffix, links)
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
    ...planEvent(adapter, first, last.session, suffix, links),
    ...all.filter(each => kept.has(each) && each.sequence > 1),
  ]
}

/** Plans an event for an adapter, with the session as that adapter sees it. */
const planWith = (
  live: LiveSession,
  adapter: AnyAdapter,
  event: SessionEvent,
  session: Session,
): readonly Incoming[] =>
  planEvent(adapter, event, withRefsOf(session, adapter.name, live.refs.get(adapter.name)), '', live.links)

type Staged = Readonly<{ lanes: readonly LanePlan[]; fresh: readonly Descriptor[] }>

/** Applies the events in place and plans each of them, and what a lane missed (`past`: the whole story), for every open lane. */
export const stage = (
  parts: RecorderContext,
  live: LiveSession,
  events: readonly SessionEvent[],
  past: readonly SessionEvent[],
): Staged => {
  const [first] = events
  const start = first?.type === 'start'
  // A local session opens no lane; a message moves only the lanes of adapters that ask for messages.
  const isLocal = start && first.payload.mirror === false
  const isQuiet = events.every(({ type }) => type === 'message')
  const adapters = isLocal
    ? []
    : [...parts.adapters.values()].filter(
        ({ name, hooks }) => start || (live.through.has(name) && (!isQuiet || hooks.message !== undefined)),
      )
  const plans = adapters.map(adapter => ({
    adapter,
    from: live.through.get(adapter.name) ?? 0,
    deliveries: [] as Incoming[],
  }))
  for (const { event, session } of replay(past))
    for (const { adapter, from, deliveries } of plans)
      if (event.sequence > from) deliveries.push(...planWith(live, adapter, event, session))
  const fresh: Descriptor[] = []
  for (const event of events) {
    addEvent(live, event)
    const session = copyLater(live)
    for (const { adapter, deliveries } of plans) {
      if (adapter.hooks[event.type] === undefined) continue
      for (const made of planWith(live, adapter, event, session())) {
        deliveries.push(made)
        if (made.descriptor !== undefined) fresh.push(made.descriptor)
      }
    }
  }
  const session = live.summary as SessionSummary
  const to = session.revision
  const lanes = plans.map(
    ({ adapter, from, deliveries }): LanePlan =>
      start
        ? planOpening(adapter, session, to, deliveries)
        : { adapter: adapter.name, lane: session.id, through: { from, to }, deliveries },
  )
  return { lanes, fresh }
}

/** The whole story so far, where some open lane of ours missed a part: another process recorded it without the adapter. */
export const readMissed = async (
  parts: RecorderContext,
  sessionId: string,
  live: LiveSession,
): Promise<readonly SessionEvent[]> => {
  for (const [name, through] of live.through) {
    const adapter = parts.adapters.get(name)
    if (adapter === undefined || through >= lastMoving(live, adapter)) continue
    const revision = revisionOf(live)
    return (await eventsOf(parts, sessionId)).filter(({ sequence }) => sequence <= revision)
  }
  return []
}

/** Plans the events that one lane missed; without any, the plan has no `through`. */
export const catchUp = async (
  parts: RecorderContext,
  sessionId: string,
  live: LiveSession,
  adapter: AnyAdapter,
): Promise<LanePlan> => {
  const from = live.through.get(adapter.name) ?? 0
  const to = revisionOf(live)
  const lane = { adapter: adapter.name, lane: sessionId }
  if (from >= lastMoving(live, adapter)) return { ...lane, deliveries: [] }
  const deliveries: Incoming[] = []
  for (const { event, session } of replay(await eventsOf(parts, sessionId)))
    if (event.sequence > from && event.sequence <= to)
      deliveries.push(...planWith(live, adapter, event, session))
  return { ...lane, through: { from, to }, deliveries }
}
