/**
 * A hostile receiver: a small server on 127.0.0.1 that verifies what it gets as a strict receiver does, drops repeats, and
 * fails on request.
 * @module testing
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type HostileServer,
  type Logged,
  type Received,
} from '@sessionwire/core/testing'

/** How a hostile receiver is made. */
export type HostileReceiverOptions = Readonly<{
  /** `whsec_` and base64; several are all accepted. Default one of its own. */
  secrets?: readonly string[]
  /** A token behind `Bearer` in place of signatures. Default: none, so requests must be signed. */
  token?: string
  /** Header of the token, where it is another one: without `Bearer`. Default: `authorization`. */
  tokenHeader?: string
  /** How far a time may be from its clock, ms. Default five minutes. */
  toleranceMs?: number
  /** Default `Date.now`. */
  now?: () => number
  /** For ids and failures by chance. Default 1. */
  seed?: number
}>

/** An event as the receiver keeps it. */
export type SeenEvent = Readonly<{
  /** `webhook-id`. */
  id: string
  /** Kind of the event. */
  type: string
  /** Its data. */
  data: Json
}>

/** A hostile receiver that runs. */
export interface HostileReceiver extends HostileServer {
  /** The whole address, which is a secret. */
  readonly address: string
  /** The secret that it knows first. */
  readonly secret: string
  /** Events in their order, each once, without pings. */
  events(): readonly SeenEvent[]
  /** From now on it wants no more: 410. */
  retire(): void
  /** From now on it wants events again. */
  reopen(): void
}

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const FIVE_MINUTES_MS = 300_000

const isEqual = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Whether one of the signatures is right, by the text of the specification. */
const isSigned = (
  { headers, raw }: Received,
  secrets: readonly string[],
  now: number,
  toleranceMs: number,
): boolean => {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (id === '' || id.includes('.') || Math.abs(now - Number(timestamp) * 1_000) > toleranceMs) return false
  return secrets.some(secret => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const right = createHmac('sha256', key).update(`${id}.${timestamp}.${raw}`).digest('base64')
    return (headers['webhook-signature'] ?? '').split(' ').some(each => isEqual(each, `v1,${right}`))
  })
}

/** Starts a hostile receiver on a free port of 127.0.0.1. */
export const hostileReceiver = async (options: HostileReceiverOptions = {}): Promise<HostileReceiver> => {
  const { secrets = [SECRET], token, tokenHeader, now = Date.now, seed } = options
  const { toleranceMs = FIVE_MINUTES_MS } = options
  const events = new Map<string, SeenEvent>()
  let isRetired = false

  const isProven = (request: Received): boolean => {
    if (token === undefined) return isSigned(request, secrets, now(), toleranceMs)
    return tokenHeader === undefined
      ? isEqual(request.headers.authorization ?? '', `Bearer ${token}`)
      : isEqual(request.headers[tokenHeader.toLowerCase()] ?? '', token)
  }
  const handle = (request: Received): Answer => {
    if (request.path !== '/hooks/agent-7d1e02c4') return { status: 404, body: { message: 'not registered' } }
    if (request.method !== 'POST') return { status: 405, body: { message: 'not registered for this method' } }
    if (isRetired) return { status: 410 }
    if (!isProven(request)) return { status: 401, body: { error: 'invalid signature' } }
    const event = request.body as Readonly<Record<string, Json>> | null
    const { specversion, type, data = null } = event ?? {}
    if (specversion !== '1.0' || typeof type !== 'string') return { status: 400, body: { error: 'no event' } }
    const id = request.headers['webhook-id'] ?? ''
    if (event?.id !== id) return { status: 400, body: { error: 'two ids' } }
    if (type !== 'sessionwire.ping' && !events.has(id)) {
      events.set(id, { id, type, data })
      server.host.effect('event', id)
    }
    return { status: 202 }
  }
  const server: HostileServer = await createHostileServer({
    name: 'receiver',
    handle,
    now,
    ...(seed === undefined ? {} : { seed }),
  })
  return Object.assign(server, {
    address: `${server.url}/hooks/agent-7d1e02c4`,
    secret: secrets[0] ?? SECRET,
    events: () => [...events.values()],
    retire: () => {
      isRetired = true
    },
    reopen: () => {
      isRetired = false
    },
  })
}

/** A request of the log, for receivers of other makers. */
export type { Logged }
