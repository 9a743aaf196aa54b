import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { type WebhookOptions, webhook } from '../src/index.ts'
import { hostileReceiver } from '../src/testing.ts'

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const URL = 'http://127.0.0.1:9/hooks/canary-51a8c0'

const shared = {
  wrong: [
    { options: { events: ['init'] }, field: 'webhook.events.0' },
    { options: { format: 'xml' }, field: 'webhook.format' },
    { options: { maxBytes: 1 }, field: 'webhook.maxBytes' },
    { options: { updates: 'card' }, field: 'webhook.updates' },
    { options: { url: URL }, field: 'webhook.url' },
    {
      options: { secrets: { SESSIONWIRE_WEBHOOK_URL: URL } },
      field: 'webhook.secrets.SESSIONWIRE_WEBHOOK_URL',
    },
  ],
  updates: [],
  cards: 8,
  entries: 0,
}

const signed = adapterSuite({
  ...shared,
  make: options => webhook({ ...options } as WebhookOptions),
  secrets: { SESSIONWIRE_WEBHOOK_URL: URL, SESSIONWIRE_WEBHOOK_SECRET: SECRET },
  fromEnv: { make: env => webhook.fromEnv({}, env), settings: {} },
  service: async () => {
    const server = await hostileReceiver()
    return {
      server,
      options: {},
      secrets: { SESSIONWIRE_WEBHOOK_URL: server.address },
      wrongSecrets: { SESSIONWIRE_WEBHOOK_URL: server.address, SESSIONWIRE_WEBHOOK_SECRET: 'whsec_d3Jvbmc=' },
      inspect: () => ({ cards: server.events().length, entries: 0 }),
    }
  },
})

const token = adapterSuite({
  ...shared,
  make: options => webhook({ auth: 'token', format: 'json', ...options } as WebhookOptions),
  secrets: { SESSIONWIRE_WEBHOOK_URL: URL, SESSIONWIRE_WEBHOOK_TOKEN: 'canary-token-8f20' },
  fromEnv: { make: env => webhook.fromEnv({}, env), settings: {} },
  service: async () => {
    const server = await hostileReceiver({ token: 'canary-token-8f20' })
    return {
      server,
      options: {},
      secrets: { SESSIONWIRE_WEBHOOK_URL: server.address },
      wrongSecrets: { SESSIONWIRE_WEBHOOK_URL: server.address, SESSIONWIRE_WEBHOOK_TOKEN: 'wrong' },
      inspect: () => ({ cards: server.events().length, entries: 0 }),
    }
  },
})

const [bySignature = [], byToken = []] = spread([signed, token].map(checks => thin(checks, 'webhook')))

describe.each([
  ['signed', bySignature],
  ['with a token', byToken],
] as const)('webhook %s', (_, checks) => {
  for (const { name, run } of checks) test(name, run)
})
