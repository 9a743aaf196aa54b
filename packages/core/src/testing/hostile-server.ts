import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom } from './fakes.ts'
import {
  type Answer,
  encode,
  FAILURES,
  type Failure,
  type Received,
  type Scene,
  type Voice,
} from './hostile-failures.ts'
import { excess, type Host, hostOf, type ServiceEffect } from './hostile-host.ts'
import { bodyOf, readRequest } from './hostile-request.ts'
import { chooseFailure, type FailureRule, type Working, working } from './hostile-rules.ts'

/** A request as the log keeps it. */
export type Logged = Received &
  Readonly<{
    /** The failure that a rule chose. */
    failed?: Failure['kind']
    /** The answer; absent when none was sent, or not yet. */
    answer?: Answer
  }>

/** How a hostile service is made. */
export type HostileOptions = Readonly<{
  /** For messages. */
  name: string
  /** The service's rules: applies a request and answers it. Never waits. */
  handle: (request: Received, host: Host) => Answer
  /** Its own words for failures. Default: plain HTTP. */
  voice?: Voice
  /** Default `Date.now`. */
  now?: () => number
  /** For `chance`, ids and `random`. Default 1. */
  seed?: number
}>

/** A small HTTP server on 127.0.0.1 that fails on request. */
export interface HostileServer {
  /** Without a slash at the end. */
  readonly url: string
  /** Its ids, clock, chance and counters. */
  readonly host: Host
  /** Fails by a rule; rules are asked in the order they were made. Gives the function that ends it. */
  fail(rule: FailureRule): () => void
  /** Ends every rule. */
  behave(): void
  /** Every request so far, oldest first. */
  requests(): readonly Logged[]
  /** Everything that was done, oldest first. */
  effects(): readonly ServiceEffect[]
  /** Everything that was refused because it was done before, oldest first. */
  listRepeats(): readonly ServiceEffect[]
  /** Effects and refused repeats beyond one, of this key or of all keys. */
  countDoubled(key?: string): number
  /** How many of each there are. */
  counts(): Readonly<{
    /** Requests so far, failed ones too. */
    requests: number
    /** Things that were done. */
    effects: number
    /** Things that were refused because they were done before. */
    refusedRepeats: number
    /** Effects and refused repeats beyond one of each. */
    doubled: number
  }>
  /** Forgets log and counters; what the service stores stays. */
  forget(): void
  /** Lets go what hangs, stalls or is slow. */
  letGo(): void
  /** Applies what was to be applied late; gives how many. */
  applyLate(): number
  /** Stops listening: connections are refused. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
  /** Ends everything. Rejects with the first error the service's rules threw: that is a defect of the service. */
  close(): Promise<void>
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a hostile service on a free port of 127.0.0.1. */
export const createHostileServer = async (options: HostileOptions): Promise<HostileServer> => {
  const log: Logged[] = []
  const done: ServiceEffect[] = []
  const refused: ServiceEffect[] = []
  const held: (() => void)[] = []
  const bugs: unknown[] = []
  let rules: readonly Working[] = []
  let late: { apply: () => void; left: number }[] = []
  let count = 0
  let current = 0

  const host = hostOf(options, (to, effect) =>
    (to === 'done' ? done : refused).push({ ...effect, n: current }),
  )
  const dice = createRandom((options.seed ?? 1) + 1)

  const apply = (request: Received): Answer => {
    const before = current
    current = request.n
    try {
      return options.handle(request, host)
    } catch (error) {
      bugs.push(error)
      return { status: 500, text: `The hostile ${options.name} has a defect: ${String(error)}` }
    } finally {
      current = before
    }
  }

  const send = (response: ServerResponse, answer: Answer): void => {
    if (response.destroyed) return
    const { headers, bytes } = encode(answer)
    response.writeHead(answer.status, headers)
    response.end(bytes)
  }

  const runLate = (ready: (entry: { left: number }) => boolean): number => {
    const now = late.filter(ready)
    late = late.filter(entry => !now.includes(entry))
    for (const entry of now) entry.apply()
    return now.length
  }

  const keep = (request: Received, more: Pick<Logged, 'failed' | 'answer'>): void => {
    const place = log.findIndex(each => each.n === request.n)
    if (place >= 0) log[place] = { ...request, ...log[place], ...more }
  }

  const perform = (request: Received, response: ServerResponse, failure: Failure): void => {
    const waiting = [...late]
    const scene: Scene = {
      request,
      response,
      voice: options.voice ?? {},
      apply: () => apply(request),
      send: answer => {
        keep(request, { answer })
        send(response, answer)
      },
      earlier: () =>
        log.findLast(each => each.n < request.n && each.answer && each.path === request.path)?.answer ??
        log.findLast(each => each.n < request.n && each.answer)?.answer ?? { status: 200, body: {} },
      hold: release => void held.push(release),
      postpone: (run, after) =>
        void late.push({ apply: () => void run(), left: after ?? Number.POSITIVE_INFINITY }),
    }
    keep(request, { failed: failure.kind })
    const happen = FAILURES[failure.kind] as (failure: Failure, scene: Scene) => void
    happen(failure, scene)
    countRequest(waiting)
  }

  /** One more request has been dealt with: what was to come late after so many comes now. */
  const countRequest = (waiting: readonly { left: number }[]): void => {
    for (const entry of waiting) entry.left -= 1
    runLate(entry => entry.left <= 0)
  }

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    count += 1
    const n = count
    const early = readRequest(n, incoming, '')
    const isRefusal = ({ rule }: Working) => rule.failure.kind === 'refuse'
    const refusal = chooseFailure(rules.filter(isRefusal), early)
    if (refusal !== undefined) {
      log.push(early)
      return perform(early, response, refusal)
    }
    const request = readRequest(n, incoming, await bodyOf(incoming))
    log.push(request)
    const failure = chooseFailure(
      rules.filter(each => !isRefusal(each)),
      request,
    )
    if (failure !== undefined) return perform(request, response, failure)
    const waiting = [...late]
    const reply = apply(request)
    keep(request, { answer: reply })
    send(response, reply)
    countRequest(waiting)
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      // A client may go away while it is sending.
      if (!incoming.destroyed) bugs.push(error)
      response.destroy()
    })
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  const down = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })

  await listen(0)
  const { port } = server.address() as AddressInfo

  const countDoubled = (key?: string): number => excess([...done, ...refused], key)
  const close = async () => {
    held.length = 0
    late = []
    if (server.listening) await down()
    if (bugs.length > 0) throw bugs[0]
  }

  return {
    url: `http://127.0.0.1:${port}`,
    host,
    fail: rule => {
      const entry = working(rule, dice)
      rules = [...rules, entry]
      return () => {
        rules = rules.filter(each => each !== entry)
      }
    },
    behave: () => {
      rules = []
    },
    requests: () => [...log],
    effects: () => [...done],
    listRepeats: () => [...refused],
    countDoubled,
    counts: () => ({
      requests: log.length,
      effects: done.length,
      refusedRepeats: refused.length,
      doubled: countDoubled(),
    }),
    forget: () => {
      for (const list of [log, done, refused]) list.length = 0
    },
    letGo: () => {
      for (const release of held.splice(0)) release()
    },
    applyLate: () => runLate(() => true),
    down,
    up: () => listen(port),
    close,
    [Symbol.asyncDispose]: close,
  }
}
