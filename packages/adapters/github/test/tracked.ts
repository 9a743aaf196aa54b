import { createTracker, memoryStore } from '@sessionwire/core'
import { createFastClock } from '@sessionwire/core/testing'
import { type GithubOptions, github } from '../src/index.ts'
import { type HostileGithubOptions, hostileGithub } from '../src/testing.ts'

/** A tracker before a hostile GitHub, on clocks that run fast, a thousand times by default; GitHub's may be behind. */
export const track = async (
  options: Partial<GithubOptions> = {},
  {
    behindMs = 0,
    speed = 1_000,
    ...service
  }: HostileGithubOptions & Readonly<{ behindMs?: number; speed?: number }> = {},
  secrets: Readonly<Record<string, string>> = { GITHUB_TOKEN: 'ghp_test' },
) => {
  const clock = createFastClock(speed)
  const server = await hostileGithub({ now: () => clock.now() - behindMs, ...service })
  const adapter = github({ owner: 'acme', repo: 'billing', baseUrl: server.url, ...options } as GithubOptions)
  const tracker = await createTracker({
    project: 'billing',
    user: 'ada',
    store: memoryStore(clock),
    adapters: [adapter],
    secrets: name => secrets[name],
    now: clock.now,
    monotonic: clock.monotonic,
    pollMs: 5,
    drainOnClose: 0,
    // Real seconds on this clock: a busy machine must not look like a service that hangs, nor like a worker that is dead.
    policy: { timeoutMs: 3_600_000, readTimeoutMs: 3_600_000, leaseMarginMs: 3_600_000 },
  })
  const end = async () => {
    await tracker.close()
    await server.close()
  }
  /** Sends everything; names what is left. */
  const drain = async (timeoutMs = 80_000_000) => {
    await tracker.drain({ timeoutMs })
    const all = await tracker.deliveries()
    return all.flatMap(({ descriptor, state, reason }) =>
      descriptor === undefined || state === 'delivered' || state === 'dropped'
        ? []
        : [[descriptor.action, state, reason]],
    )
  }
  return { tracker, server, adapter, drain, end }
}
