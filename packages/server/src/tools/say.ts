import type { Result } from '../operations/operation.ts'

type Summary = Readonly<{ id: string; title: string; status: string; progress: number }>

/** How a session was chosen, for people. */
const CHOSEN: Readonly<Record<string, string>> = {
  host: ', the session of this host',
  own: ', which this client began',
  newest: ', the newest active one of this folder',
  environment: ', named by SESSIONWIRE_SESSION',
  only: ', your only active one',
}

/** The session that a call used, in words. */
const nameSession = ({ session, by }: Result): string => {
  const { id, title, status, progress } = session as Summary
  return `session "${title}" (${id}, ${status}, ${progress} %)${CHOSEN[String(by)] ?? ''}`
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** Lines that only a person can do something about. */
const notesIn = ({ notes = [] }: Result): readonly string[] =>
  (notes as readonly string[]).map(note => `Tell the person: ${note}`)

/** The result of a recording call. `what` names the recorded thing, as in `The decision`. */
export const sayRecorded =
  (what: string) =>
  (result: Result): string => {
    if (result.recorded === false) return `Nothing was recorded: ${String(result.reason)}`
    const ids = ['decisionId', 'blockerId'].flatMap(name =>
      result[name] === undefined ? [] : [`${name} ${String(result[name])}.`],
    )
    const planned = (result.planned as readonly unknown[]).length
    return [
      `${result.repeated ? `${what} was recorded before` : `Recorded ${what.toLowerCase()}`} in ${nameSession(result)}.`,
      ...ids,
      `Event ${String(result.eventId)}.`,
      ...(planned === 0 ? [] : [`${plural(planned, 'request')} to services planned.`]),
      ...notesIn(result),
    ].join(' ')
  }

type Shown = Summary &
  Readonly<{
    goal?: string
    summary?: string
    updates: readonly Readonly<{ at: string; description: string }>[]
    nextSteps: readonly string[]
    openBlockers: readonly Readonly<{ blockerId: string; severity: string; description: string }>[]
    decisions: readonly Readonly<{ decisionId: string; content: string }>[]
  }>
type Card = Readonly<{ adapter: string; name: string; url?: string; state: string }>
type Adapter = Readonly<{
  name: string
  mode?: string
  states: Readonly<Record<string, number>>
  paused?: readonly string[]
  unset?: readonly string[]
}>

const adapterLine = ({ name, mode, states, paused, unset }: Adapter): string => {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`)
  const notes = [
    ...(paused === undefined ? [] : [`paused: ${paused.join('; ')}`]),
    ...(unset === undefined ? [] : [`not set: ${unset.join(', ')}`]),
  ]
  return [`${name} (${mode ?? 'not configured here'}): ${counts.join(', ') || 'nothing yet'}`, ...notes].join(
    '; ',
  )
}

/** A session and its services in lines. */
export const sayStatus = (result: Result): string => {
  const session = result.session as Shown
  const cards = (result.cards as readonly Card[]).filter(({ url }) => url !== undefined)
  return [
    `The ${nameSession(result)}.`,
    ...(session.goal === undefined ? [] : [`Goal: ${session.goal}`]),
    ...(session.summary === undefined ? [] : [`Result: ${session.summary}`]),
    ...session.openBlockers.map(
      ({ blockerId, severity, description }) => `Open blocker (${severity}): ${description} [${blockerId}]`,
    ),
    ...session.decisions.map(({ decisionId, content }) => `Decision: ${content} [${decisionId}]`),
    ...session.updates.map(({ at, description }) => `${at} ${description}`),
    ...session.nextSteps.map(step => `Next: ${step}`),
    ...cards.map(({ adapter, name, url = '' }) => `${adapter}: ${name} ${url}`),
    ...(result.adapters as readonly Adapter[]).map(adapterLine),
    ...notesIn(result),
  ].join('\n')
}

/** The text of a recall, or a sentence where there is none. */
export const sayRecall = ({ text }: Result): string =>
  text === '' ? 'Nothing is recorded that fits.' : String(text)

type Moved = Readonly<{ asked: string; state?: string; refused?: string }>

/** The states of deliveries after a move. */
export const sayMoved = ({ deliveries }: Result): string =>
  (deliveries as readonly Moved[]).length === 0
    ? 'Nothing is planned.'
    : (deliveries as readonly Moved[])
        .map(({ asked, state = 'unknown', refused }) => `${asked}: ${refused ?? state}.`)
        .join('\n')

type Delivery = Readonly<{ key: string; adapter: string; action: string; state: string; reason?: string }>

/** Deliveries in lines. */
export const sayDeliveries = ({ deliveries }: Result): string => {
  const lines = (deliveries as readonly Delivery[]).map(
    ({ key, adapter, action, state, reason }) =>
      `${key}: ${adapter} ${action} is ${state}${reason === undefined ? '' : ` (${reason})`}.`,
  )
  return lines.length === 0 ? 'No request fits.' : lines.join('\n')
}

/** Requests that were not sent, as text. */
export const sayPreview = ({ requests, text }: Result): string =>
  (requests as readonly unknown[]).length === 0
    ? 'No request of this session is waiting to be sent.'
    : `${(requests as readonly Readonly<{ key: string }>[]).map(({ key }) => `key ${key}`).join('\n')}\n\n${String(text)}`

type Pending = Readonly<{ key: string; tool: string; arguments: object; advice?: readonly string[] }>
type Waiting = Readonly<{ adapter: string; action: string; reason: string; count: number }>

const sayCall = ({ key, tool, arguments: args, advice = [] }: Pending): string =>
  [
    `Call ${tool} with ${JSON.stringify(args)}`,
    ...advice.map(line => `  ${line}`),
    `  Then acknowledge with key ${key}.`,
  ].join('\n')

/** Calls for the host's model, in order, and what waits. */
export const sayPending = ({ calls, waiting }: Result): string => {
  const lines = [
    ...(calls as readonly Pending[]).map(sayCall),
    ...(waiting as readonly Waiting[]).map(
      ({ adapter, action, reason, count }) =>
        `Waiting: ${plural(count, 'call')} ${action} of ${adapter}, because ${reason}.`,
    ),
  ]
  return lines.length === 0 ? 'No call is waiting.' : lines.join('\n')
}
