import { type Json, oneLine, type Session, type SessionEvent } from '@sessionwire/core/adapter'
import type { OtlpConfig } from './config.ts'
import {
  type Fields,
  keyValues,
  nanos,
  placeOf,
  resourceOf,
  SAMPLED,
  SCOPE,
  sessionAttributes,
  spanIdOf,
} from './records.ts'

/*
 * A span is sent when it has ended, for nothing can be changed of it afterwards: steps and blockers while the session goes on,
 * the session itself at its end. Those below it name the span that comes last; its id is known from the start.
 */

/** SPAN_KIND_INTERNAL. */
const INTERNAL = 1
/** STATUS_CODE_UNSET, STATUS_CODE_OK and STATUS_CODE_ERROR. */
const UNSET = 0
const OK = 1
const ERROR = 2

/** Most blockers that a session left open, of which spans are sent at its end: the newest. */
const BLOCKERS = 200
/** Longest name of a span, in UTF-16 units. */
const NAME_UNITS = 200

const name = (text: string): string => oneLine(text, NAME_UNITS)

/** Spans in a request. */
const traces = (spans: readonly Fields[], config: OtlpConfig): Json => ({
  resourceSpans: [{ resource: resourceOf(config), scopeSpans: [{ scope: SCOPE, spans }] }],
})

type Times = Readonly<{ from: string; to: string }>

/** A span; one that would end before it began has no length, since `at` of an event is what a caller says. */
const span = (fields: Fields, { from, to }: Times): Fields => ({
  ...fields,
  kind: INTERNAL,
  startTimeUnixNano: from <= to ? nanos(from) : nanos(to),
  endTimeUnixNano: nanos(to),
  flags: SAMPLED,
})

/** A span below the session's. */
const child = (id: string, session: Session, config: OtlpConfig, fields: Fields, times: Times): Fields =>
  span(
    {
      traceId: placeOf(session, config).traceId,
      spanId: spanIdOf(id),
      parentSpanId: spanIdOf(session.id),
      ...fields,
    },
    times,
  )

const blockerSpan = (
  blocker: Session['blockers'][number],
  end: string,
  session: Session,
  config: OtlpConfig,
): Fields =>
  child(
    blocker.eventId,
    session,
    config,
    {
      name: 'blocked',
      attributes: keyValues({
        'sessionwire.session.id': session.id,
        'sessionwire.blocker.id': blocker.blockerId,
        'sessionwire.blocker.severity': blocker.severity,
        'sessionwire.blocker.description': config.content ? name(blocker.description) : undefined,
      }),
      status: { code: blocker.resolvedAt === undefined ? ERROR : OK },
    },
    { from: blocker.at, to: blocker.resolvedAt ?? end },
  )

/** The span of an update: the time since the update before it. */
const stepSpan = ({ id, at, time }: SessionEvent, session: Session, config: OtlpConfig): Json => {
  const place = session.updates.findLastIndex(({ eventId }) => eventId === id)
  const step = session.updates[place]
  const from = session.updates[place - 1]?.at ?? session.startedAt
  const fields = {
    name: 'step',
    attributes: keyValues({
      'sessionwire.session.id': session.id,
      'sessionwire.event.id': id,
      'sessionwire.session.progress': session.progress,
      'sessionwire.update.description':
        config.content && step !== undefined ? name(step.description) : undefined,
    }),
    status: { code: UNSET },
  }
  return traces([child(id, session, config, fields, { from, to: at ?? time })], config)
}

const spanOfBlocker = ({ payload }: SessionEvent, session: Session, config: OtlpConfig): Json | undefined => {
  const { blockerId } = payload as SessionEvent<'resolve'>['payload']
  const blocker = session.blockers.find(each => each.blockerId === blockerId)
  return blocker?.resolvedAt === undefined
    ? undefined
    : traces([blockerSpan(blocker, blocker.resolvedAt, session, config)], config)
}

const bytesOf = (value: Json): number => new TextEncoder().encode(JSON.stringify(value)).length

/** The session's span with the newest of the others that fit into one request. */
const fit = (root: Fields, others: readonly Fields[], config: OtlpConfig): Json => {
  const payload = traces([root, ...others], config)
  if (others.length === 0 || bytesOf(payload) <= config.maxBytes) return payload
  return fit(root, others.slice(Math.ceil(others.length / 8)), config)
}

const ENDED_WELL = new Set(['completed', 'cancelled', 'left'])

/** The session itself, and the blockers that it left open. */
const sessionSpan = ({ at, time }: SessionEvent, session: Session, config: OtlpConfig): Json => {
  const end = at ?? time
  const { agent, startedAt, status, blockers } = session
  const root = span(
    {
      ...placeOf(session, config),
      spanId: spanIdOf(session.id),
      name: config.content && agent !== undefined ? name(`invoke_agent ${agent}`) : 'invoke_agent',
      attributes: sessionAttributes(session, config),
      status: { code: ENDED_WELL.has(status) ? OK : ERROR },
    },
    { from: startedAt, to: end },
  )
  const open = blockers
    .filter(each => each.resolvedAt === undefined)
    .slice(-BLOCKERS)
    .map(each => blockerSpan(each, end, session, config))
  return fit(root, open, config)
}

/** The spans that an event ends; `undefined`: none. Each has the same id whenever it is sent. */
export const spansOf = (event: SessionEvent, session: Session, config: OtlpConfig): Json | undefined => {
  if (event.type === 'update') return stepSpan(event, session, config)
  if (event.type === 'resolve') return spanOfBlocker(event, session, config)
  return event.type === 'close' ? sessionSpan(event, session, config) : undefined
}
