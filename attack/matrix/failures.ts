import type { Failure, HostileServer, Received } from '@sessionwire/core/testing'
import type { HeldClock } from '../clock.ts'
import type { Service, Target } from '../targets/target.ts'

/** A value that is no longer taken. A secret that holds a header keeps its name, as another form would not be sent at all. */
const expire = (value: string): string => `${/^[a-z-]+=(?=.)/i.exec(value)?.[0] ?? ''}expired-value`

/** The parts that a failure uses. */
export type Stage = Readonly<{
  target: Target
  service: Service
  clock: HeldClock
  /** Secrets as the host has them: may be changed. */
  secrets: Map<string, string>
  /** Fails the next request that writes; what is given is done as it arrives. */
  failWrite: (failure: Failure, arrived?: () => void) => void
  /** Called when an attempt has failed: the fault may be repaired then. */
  afterFailure: (repair: () => void | Promise<void>) => void
  /** Ends what is under way: it was waited for long enough. */
  giveUp: () => void
}>

/** One way to fail. */
export type Fault = Readonly<{
  /** The failure in words. */
  name: string
  happen: (stage: Stage) => void | Promise<void>
  /** Nothing was applied, and what came back is a success of the right shape: no client can tell unless it has an id of ours. */
  deceives?: true
  /** The same for a service whose answers mean nothing but their status. */
  deceivesTrusting?: true
}>

const HOUR_MS = 3_600_000

const plainly =
  (failure: Failure) =>
  ({ failWrite }: Stage): void =>
    failWrite(failure)

/**
 * When what just arrived has been dealt with, and what was answered of it is here: an answer without a body is whole by
 * then. Turns of the loop read what is in a socket, also where the time was over before the loop came to it.
 */
const soon = (act: () => void, waitMs = 50): void => {
  const turn = (left: number): void => {
    if (left === 0) act()
    else setImmediate(turn, left - 1)
  }
  setTimeout(turn, waitMs, 20)
}

/** Holds the answer until the client stops waiting; what was sent of it takes so long to be there, real ms. */
const hold =
  (failure: Failure, waitMs?: number) =>
  ({ failWrite, afterFailure, giveUp, service: { server } }: Stage): void => {
    failWrite(failure, () => soon(giveUp, waitMs))
    afterFailure(server.letGo)
  }

/** Holds the answer for a moment. */
const delay =
  (failure: Failure) =>
  ({ failWrite, service: { server } }: Stage): void =>
    failWrite(failure, () => soon(server.letGo))

/** Repeats what proves who we are, as a careless service may in its errors; so many times. */
export const repeats = (
  server: HostileServer,
  status: number,
  when: (request: Received) => boolean,
  times: number,
): void => {
  const answer = { status, text: '' }
  const matchAndEcho = (request: Received): boolean => {
    if (!when(request)) return false
    const { authorization = '' } = request.headers
    const decoded = Buffer.from(authorization.replace(/^\w+ /, ''), 'base64').toString('utf8')
    answer.text = JSON.stringify({ error: `no: ${authorization}`, [decoded]: request.url, url: server.url })
    return true
  }
  server.fail({ when: matchAndEcho, times, failure: { kind: 'answer', applied: false, answer } })
}

const echo =
  (status: number) =>
  ({ service: { server }, target: { isWrite } }: Stage): void =>
    repeats(server, status, isWrite, 1)

/** Every failure of the table, in its order. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'the connection is refused',
    happen: async ({ service: { server }, afterFailure }) => {
      await server.down()
      afterFailure(server.up)
    },
  },
  { name: 'the connection breaks before the request was read', happen: plainly({ kind: 'refuse' }) },
  { name: 'the connection breaks, nothing was applied', happen: plainly({ kind: 'reset', applied: false }) },
  { name: 'the connection breaks after it was applied', happen: plainly({ kind: 'reset', applied: true }) },
  { name: 'no answer, and nothing was applied', happen: hold({ kind: 'hang', applied: false }) },
  { name: 'no answer, and it was applied', happen: hold({ kind: 'hang', applied: true }) },
  {
    name: 'no answer, and it is applied after we gave up',
    happen: ({ failWrite, afterFailure, service: { server } }) => {
      failWrite({ kind: 'late' })
      afterFailure(() => {
        server.applyLate()
      })
    },
  },
  { name: 'half of the answer, and the rest a moment later', happen: delay({ kind: 'slow' }) },
  { name: 'half of the answer, and the rest never', happen: hold({ kind: 'slow' }, 1_000) },
  { name: 'half of the answer, and the connection breaks', happen: plainly({ kind: 'cut' }) },
  { name: '429 with a time to wait', happen: plainly({ kind: 'throttle', waitSeconds: 30 }) },
  { name: '429 without one', happen: plainly({ kind: 'throttle' }) },
  { name: '500, nothing was applied', happen: plainly({ kind: 'error', applied: false }) },
  { name: '500, and it was applied', happen: plainly({ kind: 'error', applied: true }) },
  {
    name: 'a success by its status with an error inside, nothing was applied',
    happen: plainly({ kind: 'inside', applied: false }),
    deceivesTrusting: true,
  },
  {
    name: 'a success by its status with an error inside, and it was applied',
    happen: plainly({ kind: 'inside', applied: true }),
  },
  { name: 'a success by its status, and nonsense', happen: plainly({ kind: 'nonsense', applied: true }) },
  { name: 'a page of a proxy, 502', happen: plainly({ kind: 'html', applied: false }) },
  {
    name: 'a page of a proxy, 200, and it was applied',
    happen: plainly({ kind: 'html', applied: true, status: 200 }),
  },
  {
    name: 'the answer to another request, nothing was applied',
    happen: plainly({ kind: 'other', applied: false }),
    deceives: true,
  },
  {
    name: 'the answer to another request, and it was applied',
    happen: plainly({ kind: 'other', applied: true }),
  },
  {
    name: 'an answer of 6 MiB, and it was applied',
    happen: plainly({
      kind: 'answer',
      applied: true,
      answer: { status: 200, text: JSON.stringify('x'.repeat(6 * 1_048_576)) },
    }),
  },
  { name: 'a redirect', happen: plainly({ kind: 'redirect' }) },
  {
    name: 'an expired credential, changed later',
    happen: ({ secrets, afterFailure }) => {
      const valid = [...secrets]
      for (const [name, value] of valid)
        secrets.set(name, value.startsWith('http') ? `${value}x` : expire(value))
      afterFailure(() => {
        for (const [name, value] of valid) secrets.set(name, value)
      })
    },
  },
  { name: '500 that repeats our credential', happen: echo(500) },
  { name: '400 that repeats our credential', happen: echo(400) },
  {
    name: 'the answer is lost, our clock is an hour ahead',
    happen: ({ failWrite, clock }) => {
      clock.set(HOUR_MS)
      failWrite({ kind: 'reset', applied: true })
    },
  },
  {
    name: 'the answer is lost, and the clock is set an hour forward while in doubt',
    happen: ({ failWrite, clock, afterFailure }) => {
      failWrite({ kind: 'reset', applied: true })
      afterFailure(() => clock.add(HOUR_MS))
    },
  },
  {
    name: 'the answer is lost, and the clock is set ten minutes back while in doubt',
    happen: ({ failWrite, clock, afterFailure }) => {
      failWrite({ kind: 'reset', applied: true })
      afterFailure(() => clock.add(-HOUR_MS / 6))
    },
  },
]
