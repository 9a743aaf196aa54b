import type { AnyAdapter } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import type { Incoming, Pause } from '../delivery/model.ts'
import { createWorker } from '../delivery/worker.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import type { Store } from '../store/contract.ts'
import { createSharedMemory } from '../store/memory.ts'
import type { Verdict } from './simulator.ts'
import { createWorld, timersIn } from './simulator-world.ts'

/** The rules about secrets over several workers, each of which can be switched off to show that it is needed. */
export const SECRET_RULES = [
  'a missing secret leaves its adapter out of the claim',
  'a refused credential pauses its own worker only',
] as const
export type SecretRule = (typeof SECRET_RULES)[number]

const START = Date.UTC(2026, 0, 1)
const POLL_MS = 1_000
const CONCURRENCY = 2
const auth = { header: 'authorization', secret: 'TOKEN' }
const BASE = 'https://simulated.example'

const post = (key: string): Incoming => {
  const descriptor = {
    ...{ key, action: 'post', kind: 'http', method: 'POST', endpoint: `${BASE}/items`, auth },
    ...{ payload: { key }, repeat: 'unsafe' },
  } as Descriptor
  return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: false }
}

const adapterOf = (secrets: readonly string[]): AnyAdapter => ({
  ...{ name: 'a', config: {}, mode: 'execute', hooks: {}, actions: {}, secrets },
  origins: [BASE],
  limits: { concurrency: CONCURRENCY, rates: {} },
  check: { call: { kind: 'http', method: 'GET', endpoint: `${BASE}/check`, auth } },
  outcome: (reply, sent) => httpOutcome(reply, sent),
})

/**
 * Runs three workers on one store: one without a secret, one with a wrong one, one with the right one, which begin at any
 * time and in any order. The right one must deliver everything, the others must not disturb it. `off` switches one rule off.
 */
export const simulateSecrets = async (seed: number, off?: SecretRule): Promise<Verdict> => {
  const world = createWorld(seed, START)
  const memory = createSharedMemory({ now: world.now })
  const recorder = memory.open()
  const faults: string[] = []
  const calls: Record<string, number> = {}

  const timers = timersIn(world)

  /** The store of a worker, with a note of what it claims; with the rule off, its refusal pauses all. */
  const watch = (name: string, store: Store): Store => ({
    ...store,
    now: store.now,
    claim: async request => {
      const claimed = await store.claim(request)
      if (name === 'without' && claimed.claims.length > 0)
        faults.push(`a worker without the secret claimed ${claimed.claims.length}`)
      return claimed
    },
    pause: async (pause: Pause) => {
      const { owner: _, ...shared } = pause
      await store.pause(off === 'a refused credential pauses its own worker only' ? shared : pause)
    },
  })

  const start = (name: 'without' | 'wrong' | 'right'): void => {
    const declares = name !== 'without' || off !== 'a missing secret leaves its adapter out of the claim'
    const send = async (call: unknown): Promise<Reply> => {
      const role = (call as { method?: string }).method === 'GET' ? 'checks' : 'calls'
      const which = `${name} ${role}`
      calls[which] = (calls[which] ?? 0) + 1
      const status = name === 'right' ? 200 : 401
      const headers = { 'content-type': 'application/json' }
      const reply: Reply = { kind: 'answer', status, headers, body: { id: 'x' } }
      return new Promise(resolve => world.at(world.now() + 5 + world.random() * 200, () => resolve(reply)))
    }
    createWorker({
      store: watch(name, memory.open()),
      adapters: [adapterOf(declares ? ['TOKEN'] : [])],
      transports: { a: { send } },
      secrets: () => (name === 'without' ? undefined : `the ${name} one`),
      ...{ timers, pollMs: POLL_MS, now: world.now, monotonic: world.now, random: world.random },
      ...{ emit: () => undefined, redact: (text: string) => text },
    }).start()
  }

  const lanes = 3 + Math.floor(world.random() * 6)
  let last = START
  for (let lane = 0; lane < lanes; lane++) {
    const at = START + world.random() * 30_000
    last = Math.max(last, at)
    const deliveries = [post(`${lane}/1`), post(`${lane}/2`)]
    const plan = { adapter: 'a', lane: `s${lane}`, open: { refs: {} }, deliveries }
    world.at(at, () => void recorder.commit({ events: [], lanes: [plan] }))
  }
  for (const name of ['without', 'wrong', 'right'] as const) {
    const at = START + world.random() * 20_000
    last = Math.max(last, at)
    world.at(at, () => start(name))
  }
  // A refused call is sent again after a second; two polls, and the calls of some lanes after one another.
  await world.run(last + 30_000)
  const left = (await recorder.list({})).filter(({ state }) => state !== 'delivered')
  faults.push(...left.map(({ key, state, reason }) => `${key} is ${state}: ${reason ?? ''}`))
  if ((calls['without calls'] ?? 0) > 0) faults.push('a worker without the secret sent a call')
  // Those under way when the first was refused, and what was claimed until the check was answered.
  if ((calls['wrong calls'] ?? 0) > 2 * CONCURRENCY + 1)
    faults.push(`a worker with a wrong secret sent ${calls['wrong calls']} calls`)
  return { seed, faults: [...new Set(faults)] }
}
