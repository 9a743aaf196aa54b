import { createTracker, type Listed, type SessionHandle, type Tracker } from '@sessionwire/core'
import type { AnyAdapter, Call, Reply } from '@sessionwire/core/adapter'
import { httpTransport, type Transport } from '@sessionwire/core/delivery'
import type { Service, Target } from '../targets/target.ts'

type Tampering = Readonly<{ tracker: Tracker<Listed>; calls: readonly Call[]; errors: readonly string[] }>

/**
 * A tracker whose service's answers are changed on their way. Where `instead` gives one, the service never hears of the
 * call.
 */
export const tampered = async (
  target: Target,
  service: Service,
  change: (reply: Reply, call: Call, sent: number) => Reply,
  instead: (sent: number) => Reply | undefined = () => undefined,
  clock: Readonly<{ now?: () => number; monotonic?: () => number; random?: () => number }> = {},
): Promise<Tampering> => {
  const adapter: AnyAdapter = { ...target.make(service.options), limits: { rates: {} } }
  const secrets = (name: string) => service.secrets[name]
  const http = httpTransport({ secrets, signers: adapter.signers ?? {}, now: clock.now ?? Date.now })
  const calls: Call[] = []
  const watching: Transport = {
    send: async (call, sending) => {
      calls.push(call)
      const sent = calls.length
      return instead(sent) ?? change(await http.send(call, sending), call, sent)
    },
  }
  const own = adapter.transport?.({ secrets, http: watching, now: clock.now ?? Date.now }) ?? watching
  const tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    adapters: [adapter],
    transports: { [adapter.name]: own },
    secrets,
    pollMs: 1,
    policy: {
      afterMs: 0,
      backoffMs: 1,
      backoffMaxMs: 2,
      timeoutMs: 2_000,
      readTimeoutMs: 2_000,
      downAfter: 1_000,
    },
    ...clock,
  })) as unknown as Tracker<Listed>
  const errors: string[] = []
  tracker.on('error', ({ error, where }) => errors.push(`${where}: ${error.message}`))
  return { tracker, calls, errors }
}

/** A whole session. */
export const session = async (tracker: Tracker<Listed>): Promise<void> => {
  const begun = await tracker.start({ goal: 'Stop double charging', progress: 10 })
  for (const record of RECORDS) await record(begun)
}

/** What a session records after its start. */
export const RECORDS: readonly ((begun: SessionHandle) => Promise<unknown>)[] = [
  begun => begun.update('Reproduced', { progress: 40 }),
  begun => begun.decide('Lock per invoice'),
  begun => begun.close({ summary: 'Fixed', progress: 100 }),
]

/** Gives deliveries so many turns. */
export const settled = async (tracker: Tracker<Listed>, rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    await tracker.drain({ timeoutMs: 15 })
    if ((await tracker.deliveries({ state: ['waiting', 'claimed', 'begun'] })).length === 0) return
  }
}
