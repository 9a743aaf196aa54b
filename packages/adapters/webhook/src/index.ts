/**
 * Sessions as signed events: one POST for each event to an address of yours, by Standard Webhooks and CloudEvents.
 * @module webhook
 */
import {
  type Adapter,
  type AdapterFactory,
  type Descriptor,
  defineAdapter,
  type Environment,
  environment,
  fieldsOf,
  type Signer,
  wrongSecret,
} from '@sessionwire/core/adapter'
import { signStandardWebhook } from '@sessionwire/core/webhooks'
import { actions, post, writeEvent } from './actions.ts'
import { options, secrets, type WebhookConfig, type WebhookOptions, ways } from './config.ts'
import { hooks } from './hooks.ts'
import { outcome } from './outcome.ts'

export type { WebhookConfig, WebhookOptions } from './config.ts'

/** An adapter for a webhook. */
export type WebhookAdapter<N extends string = string> = Adapter<WebhookConfig, N, typeof actions, never>

/** Refuses a secret that was copied wrongly: it would sign, and no receiver would verify that. */
const checkKey = (secret: string): void => {
  const text = secret.trim()
  const key = text.replace(/^whsec_/, '')
  if (/^(['"`]).*\1$/s.test(text)) throw wrongSecret('it is in quotes; write it without them')
  if (key === '') throw wrongSecret('it holds no key; expected whsec_ and base64')
  if (key !== text && !/^[A-Za-z0-9+/]+={0,2}$/.test(key))
    throw wrongSecret('it is not base64 behind whsec_; copy it once more')
}

/** Signs the exact bytes with the time of this attempt; while a secret is rotated, with both. */
const standard: Signer = ({ headers, body, secret, also, now }) => {
  const keys = also.old === undefined ? [secret] : [secret, also.old]
  for (const key of keys) checkKey(key)
  return signStandardWebhook({ id: headers['webhook-id'] ?? '', now, body, secrets: keys })
}

/** The event that proves address and credential. Its id is always the same, so that receivers drop it as a repeat. */
const PING = {
  id: 'sessionwire-ping',
  type: 'sessionwire.ping',
  source: 'urn:sessionwire:check',
  data: null,
} as const

const describeEvent = (descriptor: Descriptor): string => {
  const body = descriptor.kind === 'http' ? descriptor.payload : undefined
  const { type, data } = fieldsOf(JSON.parse(typeof body === 'string' ? body : '{}'))
  const { title } = fieldsOf(fieldsOf(data).session)
  return typeof title === 'string' ? `send ${type} of "${title}"` : `send ${type}`
}

const made = defineAdapter({
  service: 'webhook',
  options,
  secrets,
  ways,
  actions,
  hooks,
  outcome,
  limits: { concurrency: 4, rates: { events: { count: 20, perMs: 1_000 } } },
  check: config => ({ call: post(PING.id, writeEvent(PING, config.maxBytes), config) }),
  signers: { standard },
  // The address is a secret, and so is its origin.
  origins: () => [],
  describe: { sendEvent: describeEvent, sendSessionEvent: describeEvent },
})

type Given = Parameters<typeof made.fromEnv>[0]

/** A second secret that is set means that it is rotated. */
const fromEnv = (overrides: Given = {}, env: Environment = environment()) => {
  const old = overrides.secrets?.SESSIONWIRE_WEBHOOK_SECRET_OLD ?? 'SESSIONWIRE_WEBHOOK_SECRET_OLD'
  const isRotating = overrides.auth === undefined && (env[old] ?? '') !== ''
  return made.fromEnv(isRotating ? { ...overrides, auth: 'rotating' } : overrides, env)
}

/** Sessions at an address of yours: `webhook({})`, or `webhook.fromEnv()`. */
export const webhook: AdapterFactory<WebhookOptions, WebhookConfig, typeof actions, 'webhook'> =
  Object.assign(((given: WebhookOptions) => made(given)) as typeof made, {
    fromEnv: fromEnv as typeof made.fromEnv,
  })
