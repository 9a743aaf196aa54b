import type { Delivery, Pause, State } from '../delivery/model.ts'
import { formatDuration } from '../session/text.ts'
import type { AdapterStatus, Status } from './status.ts'

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`

/** States that move by themselves first, then those that need a person, then final ones. */
const ORDER: readonly (readonly [State, string])[] = [
  ['waiting', 'waiting'],
  ['claimed', 'being sent'],
  ['begun', 'sent, no answer yet'],
  ['planned', 'to review'],
  ['dead', 'dead'],
  ['delivered', 'delivered'],
]

const formatTime = (ms: number): string => new Date(ms).toISOString()

/** Why an adapter is paused, before the reason in the service's own words. */
const PAUSED: Readonly<Record<Pause['kind'], string>> = {
  throttled: ' by a rate limit',
  down: ', because the service does not answer',
  denied: ', because access was refused',
  asked: ' manually',
}

/** The reason of a pause that was given none. */
export const NO_REASON = 'paused manually'

/** A pause as a sentence without its full stop: `slack (post:C012) is paused by a rate limit until …: 429 slow down`. */
export const formatPause = ({ adapter, limit, kind, reason, until, checkAt, owner }: Pause): string => {
  const place = limit === undefined ? adapter : `${adapter} (${limit})`
  const check = checkAt === undefined ? '' : `, next check at ${formatTime(checkAt)}`
  const end = until === undefined ? check : ` until ${formatTime(until)}`
  if (owner !== undefined) return `${place} is paused in one worker${PAUSED[kind]}${end}: ${reason}`
  return `${place} is paused${PAUSED[kind]}${end}${reason === NO_REASON ? '' : `: ${reason}`}`
}

const parts = (adapter: AdapterStatus): readonly string[] => {
  const { states, inDoubt, oldestMs, gone, unmirrored, foreign } = adapter
  const counted = ORDER.flatMap(([state, name]) =>
    (states[state] ?? 0) > 0 ? [`${states[state]} ${name}`] : [],
  )
  return [
    ...(counted.length === 0 ? ['nothing yet'] : counted),
    ...(inDoubt > 0 ? [`${inDoubt} in doubt`] : []),
    ...(oldestMs === undefined ? [] : [`oldest ${formatDuration(oldestMs)}`]),
    ...(gone > 0 ? [`${count(gone, 'card', 'cards')} deleted by a person`] : []),
    ...(foreign > 0 ? [`${foreign} for another account or place`] : []),
    ...(unmirrored > 0 ? [`${count(unmirrored, 'session', 'sessions')} not mirrored`] : []),
  ]
}

const notes = ({ name, pauses, unset, check, gone }: AdapterStatus): readonly string[] => [
  ...(unset === undefined
    ? []
    : [`${name} is not delivered by this process: ${unset.join(', ')} is not set`]),
  ...pauses.map(formatPause),
  ...(check === undefined || check.ok
    ? []
    : [
        `the last check of ${name}, at ${formatTime(check.at)}, failed: ${(check.reason ?? 'no reason given').replace(/\.$/, '')}. ${check.hint ?? ''}`,
      ]),
  ...(gone === 0
    ? []
    : [`${name}: a deleted card stops its session here, until recreateCard makes a new one`]),
]

/** One line of text: control characters of others must not reach a terminal. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()

/**
 * Formats a status as compact text for logs and terminals: a line for each adapter with what is on its way, what needs a
 * person and what is over, and an indented line for each pause and failed check. It has no colours.
 */
export const formatStatus = (status: Status): string => {
  const width = Math.max(0, ...status.adapters.map(({ name }) => name.length))
  const lines = status.adapters.flatMap(adapter => [
    `${adapter.name.padEnd(width)}  ${parts(adapter).join(', ')}`,
    ...notes(adapter).map(note => `${' '.repeat(width)}  ${oneLine(note)}`),
  ])
  return [`store ${status.store}`, ...(lines.length === 0 ? ['no adapters'] : lines)].join('\n')
}

/**
 * Formats deliveries as compact text, a line for each: state, adapter, action, attempts, key, reason, and for one that
 * failed and waits, the time before which it is not sent again. A paused adapter sends it later.
 */
export const formatDeliveries = (deliveries: readonly Delivery[]): string =>
  deliveries
    .map(({ state, adapter, action, attempts, key, reason, doubtSince, successor, dueAt }) =>
      oneLine(
        [
          `${state}${doubtSince === undefined ? '' : ' in doubt'}`,
          `${adapter} ${action}`,
          attempts > 0 ? `attempt ${attempts}` : '',
          key,
          successor === undefined ? '' : `by ${successor}`,
          reason ?? '',
          state === 'waiting' && reason !== undefined ? `not before ${formatTime(dueAt)}` : '',
        ]
          .filter(part => part !== '')
          .join(' | '),
      ),
    )
    .join('\n')
