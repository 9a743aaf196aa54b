import type { Delivery, State } from '../delivery/model.ts'
import type { AdapterStatus, Status } from './status.ts'

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

const lasted = (ms: number): string => {
  const unit = UNITS.find(([size]) => ms >= size)
  return unit === undefined ? '0 s' : `${Math.floor(ms / unit[0])} ${unit[1]}`
}

/** On its way first, then what needs a person, then what is over. */
const ORDER: readonly (readonly [State, string])[] = [
  ['waiting', 'waiting'],
  ['claimed', 'being sent'],
  ['begun', 'sent, no answer yet'],
  ['planned', 'to review'],
  ['dead', 'given up'],
  ['delivered', 'delivered'],
]

const timeOf = (ms: number): string => new Date(ms).toISOString()

const parts = (adapter: AdapterStatus): readonly string[] => {
  const { states, inDoubt, oldestMs, gone, unmirrored } = adapter
  const counted = ORDER.flatMap(([state, name]) =>
    (states[state] ?? 0) > 0 ? [`${states[state]} ${name}`] : [],
  )
  return [
    ...(counted.length === 0 ? ['nothing yet'] : counted),
    ...(inDoubt > 0 ? [`${inDoubt} in doubt`] : []),
    ...(oldestMs === undefined ? [] : [`oldest ${lasted(oldestMs)}`]),
    ...(gone > 0 ? [`${gone} cards deleted by a person`] : []),
    ...(unmirrored > 0 ? [`${unmirrored} sessions not mirrored`] : []),
  ]
}

const notes = ({ pauses, elsewhere, check }: AdapterStatus): readonly string[] => [
  ...pauses.map(({ limit, kind, reason, until, checkAt }) => {
    const asked = checkAt === undefined ? '' : `, next check ${timeOf(checkAt)}`
    const end = until === undefined ? asked : `, until ${timeOf(until)}`
    return `paused${limit === undefined ? '' : ` (${limit})`}: ${kind}${end}: ${reason}`
  }),
  ...(elsewhere ? ['delivered by another process'] : []),
  ...(check === undefined || check.ok
    ? []
    : [`last check failed: ${check.reason ?? ''} ${check.hint ?? ''}`.trim()]),
]

/** One line of text: what others said is not obeyed by a terminal. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()

/**
 * A status as compact text for logs and terminals: a line for each adapter with what is on its way, what needs a person
 * and what is over, and an indented line for each pause and failed check. No colours, no line longer than what was said.
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
 * Deliveries as compact text, a line for each: state, adapter, action, attempts, key, why, and for one that waits after it
 * failed, when it is tried again: not before that, and not while its adapter rests.
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
          state === 'waiting' && reason !== undefined ? `not before ${timeOf(dueAt)}` : '',
        ]
          .filter(part => part !== '')
          .join(' | '),
      ),
    )
    .join('\n')
