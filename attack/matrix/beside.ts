import { defineAdapter, httpOutcome, step } from '@sessionwire/core/adapter'
import type { Transport } from '@sessionwire/core/delivery'

const BASE = 'https://beside.example'

/** Address of the session's card in the second service. */
export const BESIDE_URL = `${BASE}/cards/1`

const beside = defineAdapter({
  service: 'beside',
  options: {},
  secrets: {},
  actions: {},
  hooks: {
    start: () => [
      step('create', () => ({
        ...{ kind: 'http', method: 'POST', endpoint: `${BASE}/cards`, payload: {}, repeat: 'safe' },
        ...{ captures: { url: '/url' }, holds: true },
      })),
    ],
  },
  outcome: httpOutcome,
  limits: { rates: {} },
  check: () => ({ call: { kind: 'http', method: 'GET', endpoint: BASE } }),
  link: ({ captured: { url } }) => (typeof url === 'string' ? { name: 'beside', url } : undefined),
  origins: () => [BASE],
})

/**
 * A service that never fails and whose card waits for a person, so that its address becomes known when a test wants it. It shows
 * no links itself.
 */
export const createBeside = () => {
  const transport: Transport = {
    send: async () => ({ kind: 'answer', status: 201, headers: {}, body: { url: BESIDE_URL } }),
  }
  return { adapter: { ...beside({}), mode: 'preview' as const }, transport }
}
