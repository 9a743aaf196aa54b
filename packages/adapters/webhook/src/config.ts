import type { At, ConfigOf, Hook, OptionsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'

const EVENTS = [
  ...(['start', 'update', 'decision', 'entity', 'blocker', 'resolve', 'close', 'resume'] as const),
  'linked',
  ...(['message', 'export'] as const),
] satisfies readonly (Hook | 'linked')[]

/** Options of `webhook()` in addition to those that every adapter takes. */
export const options = {
  /**
   * Events of a session that are sent; `linked`: its card in another service became known. Default: all but `message` and
   * `export`.
   */
  events: z.array(z.literal(EVENTS)).default(EVENTS.slice(0, 9)),
  /**
   * `cloudevents` (default): CloudEvents 1.0 in structured mode, as `application/cloudevents+json`. `json`: the same body as
   * `application/json`, for receivers such as n8n that parse no other type.
   */
  format: z.literal(['cloudevents', 'json']).default('cloudevents'),
  /** Longest body in bytes; longer texts and lists are cut. Default 20,000; intermediaries forward 64 KiB and no more. */
  maxBytes: z.int().min(2_000).max(262_144).default(20_000),
  /** Header of the token, for `auth: 'token'`. `authorization` gets `Bearer ` before it. Default `authorization`. */
  tokenHeader: z
    .string()
    .regex(/^[A-Za-z][\w-]{0,63}$/, 'expected the name of a header, such as X-Api-Key')
    .default('authorization'),
  /** There is no card that updates could edit: choose events with `events`. Default: none. */
  updates: z.never('expected no such option: use events').optional(),
}

/** The address is a secret itself: with many services it is the credential. */
export const secrets = {
  SESSIONWIRE_WEBHOOK_URL: 'secret',
  SESSIONWIRE_WEBHOOK_SECRET: 'secret',
  SESSIONWIRE_WEBHOOK_SECRET_OLD: 'secret',
  SESSIONWIRE_WEBHOOK_TOKEN: 'secret',
} as const

/** Ways to authenticate. */
export const ways = {
  signed: ['SESSIONWIRE_WEBHOOK_URL', 'SESSIONWIRE_WEBHOOK_SECRET'],
  rotating: ['SESSIONWIRE_WEBHOOK_URL', 'SESSIONWIRE_WEBHOOK_SECRET', 'SESSIONWIRE_WEBHOOK_SECRET_OLD'],
  token: ['SESSIONWIRE_WEBHOOK_URL', 'SESSIONWIRE_WEBHOOK_TOKEN'],
} as const

/** Options of `webhook()`. @interface */
export type WebhookOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
/** Configuration of the adapter. @interface */
export type WebhookConfig = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The key of a call in the making, and the configuration. */
export type Here = At<WebhookConfig>
