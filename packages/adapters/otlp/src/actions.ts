import {
  action,
  type HttpCall,
  type Json,
  type LinkChange,
  type Session,
  type SessionEvent,
  step,
  uuidFrom,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, OtlpConfig } from './config.ts'
import { eventLog, LAST_MS, linkLog, ownLog } from './records.ts'
import { spansOf } from './spans.ts'

const SHOWN =
  'Ids are the same each time it is sent; whether a backend shows a repeated one once depends on the backend.'

/** A POST of OTLP. */
export const post = ({ endpoint, auth, secrets }: OtlpConfig, signal: 'traces' | 'logs', payload: Json) =>
  ({
    kind: 'http',
    method: 'POST',
    endpoint: `${endpoint}/v1/${signal}`,
    ...(auth === 'headers' ? { auth: { sign: 'headers', secret: secrets.OTEL_EXPORTER_OTLP_HEADERS } } : {}),
    payload,
    limit: 'export',
  }) as const satisfies HttpCall

/** Sends an event as a log record. */
export const sendLog = (event: SessionEvent, session: Session) =>
  step('sendLog', ({ config }: Here) => ({
    ...post(config, 'logs', eventLog(event, session, config)),
    repeat: 'safe',
    asterisk: SHOWN,
  }))

/** Sends a link to the session's card in another service as a log record. */
export const sendLink = (change: LinkChange, session: Session, event: SessionEvent) =>
  step('sendLink', ({ key, config }: Here) => ({
    ...post(config, 'logs', linkLog(change, session, event, uuidFrom(key), config)),
    repeat: 'safe',
    asterisk: SHOWN,
  }))

/** Sends the spans of what an event ends. */
export const sendTrace = (event: SessionEvent, session: Session, config: OtlpConfig) => {
  const payload = spansOf(event, session, config)
  return payload === undefined
    ? []
    : [step('sendTrace', () => ({ ...post(config, 'traces', payload), repeat: 'safe', asterisk: SHOWN }))]
}

const NAME = 'expected words of small letters, digits and _ with dots between, such as deploy.finished'
const Value = z.union([
  z
    .string()
    .max(2_000)
    .refine(text => text.isWellFormed(), 'expected well-formed text'),
  z.number().refine(Number.isFinite, 'expected a finite number'),
  z.boolean(),
])

/** Everything that callers may do. */
export const actions = {
  sendEvent: action(
    'sendEvent',
    z.strictObject({
      /** Name of the event. */
      name: z.string(NAME).regex(/^[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60}){0,8}$/, NAME),
      /** Attributes by name. */
      attributes: z.record(z.string().regex(/^[a-z0-9_.]{1,100}$/, NAME), Value).default({}),
      /** When it happened, epoch ms; before the year 2555. */
      at: z.int().min(1).max(LAST_MS),
    }),
    ({ name, attributes, at }, { key, config }: Here) => ({
      ...post(config, 'logs', ownLog({ name, attributes, id: uuidFrom(key), now: `${at}000000` }, config)),
      repeat: 'safe',
      asterisk: SHOWN,
    }),
    {
      about: 'Sends a log record of your own.',
      example: { name: 'deploy.finished', attributes: { environment: 'staging' }, at: 1_767_323_045_000 },
    },
  ),
}
