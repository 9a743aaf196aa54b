import { createTracker } from '@sessionwire/core'
import { type TaigaOptions, taiga } from '../src/index.ts'
import type { HostileTaiga } from '../src/testing.ts'

/** Short enough not to wait for, long enough for this machine. */
const policy = {
  backoffMs: 1,
  backoffMaxMs: 1,
  afterMs: 1,
  timeoutMs: 400,
  readTimeoutMs: 2_000,
  downAfter: 50,
}

export const tracked = (server: HostileTaiga, options: Partial<TaigaOptions> = {}) =>
  createTracker({
    project: 'billing',
    policy,
    pollMs: 5,
    random: () => 0,
    secrets: (name: string) => ({ TAIGA_TOKEN: 'app-token' })[name],
    adapters: [
      taiga({
        project: 'billing',
        baseUrl: server.baseUrl,
        frontUrl: 'https://taiga.example.com',
        ...options,
      }),
    ],
  })
type Tracked = Awaited<ReturnType<typeof tracked>>

export const goal = { goal: 'Stop double charging @bob', user: 'fixer', progress: 20 }
export const drained = async (tracker: Tracked) => (await tracker.drain({ timeoutMs: 8_000 })).done
export const dead = async (tracker: Tracked) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => `${action}: ${reason}`)
export const sent = (server: HostileTaiga, method: string, path: RegExp) =>
  server.requests().filter(request => request.method === method && path.test(request.path))
