import type { AdapterStatus } from '@sessionwire/core'
import { type Finding, fail, warn } from './finding.ts'
import { count, showLine } from './io.ts'
import { showTime } from './shown.ts'
import type { Opened } from './workspace/open.ts'

/** More than people move by hand; a longer list says enough by its first. */
const MOST = 1_000
/** Sessions whose cards are looked at. */
const LOOKED_AT = 50
/** Sessions that are named. */
const NAMED = 3

/** Sessions, and calls that belong to none, with requests that wait or failed for good. */
const listOpen = async ({ tracker }: Opened, adapter: string): Promise<readonly string[]> => {
  const open = await tracker.deliveries({ adapter, state: ['waiting', 'dead'], limit: MOST })
  return [...new Set(open.map(each => each.lane))]
}

/** The sessions of an adapter whose requests were planned for another account or place than the one that is configured. */
const findMoved = async (opened: Opened, adapter: string): Promise<readonly string[]> => {
  const { tracker } = opened
  const moved: string[] = []
  for (const lane of (await listOpen(opened, adapter)).slice(0, LOOKED_AT)) {
    // A call of its own belongs to no session.
    const cards = await tracker
      .session(lane)
      .cards()
      .catch(() => [])
    if (cards.some(card => card.adapter === adapter && card.elsewhere)) moved.push(lane)
  }
  return moved
}

const listSessions = (ids: readonly string[]): string =>
  `session ${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? `, and ${ids.length - NAMED} more` : ''}`
const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are')

/** Finds cards that a person deleted: only a new one lets their sessions go on. */
export const findDeleted = async (
  opened: Opened,
  { name, gone }: AdapterStatus,
): Promise<readonly Finding[]> => {
  if (gone === 0) return []
  // The store only counts them. Requests may be open in other sessions too: then no session is named.
  const open = await listOpen(opened, name)
  const [first = '<session>'] = open.length === gone ? open : []
  const sessions = open.length === gone ? ` (open requests: ${listSessions(open)})` : ''
  return [
    warn(
      `adapter ${name}`,
      `${count(gone, 'card')} ${gone === 1 ? 'was' : 'were'} deleted by a person${sessions}, and nothing more of ${gone === 1 ? 'its session' : 'their sessions'} is sent`,
      `Make a new one: sessionwire recreate-card ${name} ${first}.`,
    ),
  ]
}

type Pause = AdapterStatus['pauses'][number]

const PAUSED: Readonly<Record<Pause['kind'], (name: string, pause: Pause) => readonly [string, string]>> = {
  denied: (_, { reason }) => [
    `refused the credential: ${reason}`,
    'Set it right in .env or the environment, then run: sessionwire doctor --live',
  ],
  down: (_, { reason, checkAt = 0 }) => [
    `cannot be reached: ${reason}`,
    `It is asked again after ${showTime(new Date(checkAt).toISOString())}, or now with: sessionwire doctor --live`,
  ],
  throttled: (_, { reason, until = 0 }) => [
    `asked us to wait until ${showTime(new Date(until).toISOString())}: ${reason}`,
    'It goes on by itself.',
  ],
  asked: (name, { reason, until }) => [
    `paused by a person${until === undefined ? '' : ` until ${showTime(new Date(until).toISOString())}`}: ${reason}`,
    `Run: sessionwire unpause ${name}`,
  ],
}

/** Finds the causes that keep an adapter from sending, with advice for a person; empty where there are none. */
export const findHindrances = async (opened: Opened, adapter: AdapterStatus): Promise<readonly Finding[]> => {
  const { name, mode, unset = [], pauses, states, foreign, gone } = adapter
  const about = `adapter ${name}`
  const found: Finding[] = []
  if (unset.length > 0) {
    const text = `${unset.join(', ')} ${isOrAre(unset.length)} not set`
    const todo = `Set ${unset.length === 1 ? 'it' : 'them'} in ${opened.root}/.env and run \`sessionwire trust\` again, or in the environment of what delivers.`
    found.push(
      mode === 'preview'
        ? warn(about, `${text}; planned requests can be looked at, and none is sent`, todo)
        : fail(about, text, todo),
    )
  }
  // Each worker whose credential was refused has a pause of its own.
  const causes = new Map(pauses.map(pause => PAUSED[pause.kind](name, pause)).map(cause => [cause[0], cause]))
  for (const cause of causes.values()) found.push(warn(about, ...cause))
  const { dead = 0 } = states
  const moved = foreign + dead === 0 ? [] : await findMoved(opened, name)
  if (foreign > 0 || moved.length > 0) {
    const [first = '<session>'] = moved
    const sessions = moved.length === 0 ? '' : ` (${listSessions(moved)})`
    found.push(
      warn(
        about,
        `${foreign === 0 ? 'requests were' : foreign === 1 ? '1 request was' : `${foreign} requests were`} planned for another account or place than the one that is configured now${sessions}, and ${foreign === 1 ? 'is' : 'are'} not sent`,
        `Make a card where it points now: sessionwire recreate-card ${name} ${first}; or set the options back and run \`sessionwire trust\`.`,
      ),
    )
  }
  if (dead > 0)
    found.push(
      warn(
        about,
        `${count(dead, 'request')} failed for good`,
        moved.length > 0
          ? 'See `sessionwire deliveries --state dead`. Recreate the card first: what failed for the old place fails there again.'
          : gone > 0
            ? 'See `sessionwire deliveries --state dead`. Make the new card first: what failed for the deleted one fails again.'
            : 'See `sessionwire deliveries --state dead`, then `sessionwire retry` or `sessionwire drop`.',
      ),
    )
  return found
}

/** A hindrance on one line, for commands that are about something else. */
export const sayHindrance = (name: string, { text, todo = '' }: Finding): string =>
  `${name}: ${showLine(text, 200).replace(/\.$/, '')}. ${todo}`.trim()
