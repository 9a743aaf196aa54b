import { action, type HttpCall, type Json, limitJson, step, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, WebhookConfig } from './config.ts'

const MEDIA = {
  cloudevents: 'application/cloudevents+json; charset=utf-8',
  json: 'application/json',
} as const

const REPEATS = 'It depends on the receiver, which drops a webhook-id that it has seen.'

/** How a call proves where it is from. */
const authOf = ({ auth, tokenHeader, secrets }: WebhookConfig): NonNullable<HttpCall['auth']> => {
  const { SESSIONWIRE_WEBHOOK_SECRET: secret, SESSIONWIRE_WEBHOOK_SECRET_OLD: old } = secrets
  if (auth === 'token')
    return {
      header: tokenHeader,
      ...(tokenHeader.toLowerCase() === 'authorization' ? { prefix: 'Bearer ' } : {}),
      secret: secrets.SESSIONWIRE_WEBHOOK_TOKEN,
    }
  return { sign: 'standard', secret, ...(auth === 'rotating' ? { also: { old } } : {}) }
}

/** A POST of exactly this body; time and signature are added when it is sent. */
export const post = (id: string, body: string, config: WebhookConfig) =>
  ({
    kind: 'http',
    method: 'POST',
    endpoint: { $secret: config.secrets.SESSIONWIRE_WEBHOOK_URL },
    headers: { 'content-type': MEDIA[config.format], 'webhook-id': id },
    encoding: 'raw',
    payload: body,
    auth: authOf(config),
    limit: 'events',
  }) as const satisfies HttpCall

/** One event as the receiver gets it. */
export type Sent = Readonly<{
  id: string
  type: string
  source: string
  subject?: string | undefined
  time?: string | undefined
  sequence?: string | undefined
  data: Json
}>

/** An event as a CloudEvent: its fields in the order of the specification, those that are left out not at all. */
export const writeEvent = (sent: Sent, maxBytes: number): string => {
  const { id, source, type, subject, time, sequence, data } = sent
  const fields = {
    specversion: '1.0',
    id,
    source,
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    sequence,
  }
  const envelope = Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const write = (bounded: Json): string => JSON.stringify({ ...envelope, data: bounded })
  return write(limitJson(data, maxBytes, write))
}

/** The step of an event of a session. */
export const sendSessionEvent = (sent: Sent) =>
  step('sendSessionEvent', ({ config }: Here) => ({
    ...post(sent.id, writeEvent(sent, config.maxBytes), config),
    repeat: 'safe',
    asterisk: REPEATS,
  }))

const TYPE = 'expected words of letters, digits and _ with dots between, such as deploy.finished'

/** Everything that callers may do. */
export const actions = {
  sendEvent: action(
    'sendEvent',
    z.strictObject({
      /** Kind of the event. */
      type: z.string(TYPE).regex(/^[A-Za-z0-9_]{1,60}(\.[A-Za-z0-9_]{1,60}){0,8}$/, TYPE),
      data: z.json(),
    }),
    ({ type, data }, { key, config }: Here) => {
      const id = uuidFrom(key)
      return {
        ...post(id, writeEvent({ id, type, source: 'urn:sessionwire:act', data }, config.maxBytes), config),
        repeat: 'safe',
        asterisk: REPEATS,
      }
    },
    {
      about: 'Sends an event of your own.',
      example: { type: 'deploy.finished', data: { environment: 'staging' } },
    },
  ),
}
