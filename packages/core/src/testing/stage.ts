import type { AnyAdapter } from '../adapter/contract.ts'
import type { Call } from '../descriptor/descriptor.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import { httpTransport } from '../transport/http.ts'
import type { HostileServer } from './hostile-server.ts'

/** Clocks that run faster than the system's, so that a wait of a minute takes a second. */
export type FastClock = Readonly<{
  /** How much faster it runs. */
  speed: number
  /** Epoch ms. */
  now: () => number
  /** Ms; never set. */
  monotonic: () => number
}>

/** Makes clocks that begin now and run `speed` times as fast. Default 60. */
export const createFastClock = (speed = 60): FastClock => {
  const start = Date.now()
  const origin = performance.now()
  return {
    speed,
    now: () => Math.round(start + (performance.now() - origin) * speed),
    monotonic: () => performance.now() * speed,
  }
}

/** Options for `createTracker` that let its adapters speak to hostile services on this machine. */
export type Stage = Readonly<{
  /** By the adapter's name; each sends what was meant for the real address to the service. */
  transports: Readonly<Record<string, Transport>>
  /** Gives the values that `createStage` was given. */
  secrets: SecretSource
  /** The fast clock. */
  now: () => number
  /** The fast clock. */
  monotonic: () => number
  /** Ms. */
  pollMs: number
}>

/**
 * Sends to a service on this machine while the descriptors keep the real address, so that an example shows what it would
 * send to the real service.
 */
const sendTo = (
  { signers = {} }: AnyAdapter,
  service: HostileServer,
  secrets: SecretSource,
  { speed, now }: FastClock,
): Transport => {
  const http = httpTransport({ secrets, signers, now })
  const move = (call: Call): Call => {
    if (call.kind !== 'http' || typeof call.endpoint !== 'string') return call
    const { pathname, search } = new URL(call.endpoint)
    return { ...call, endpoint: `${service.url}${pathname}${search}` }
  }
  return {
    send: (call, sending) =>
      http.send(move(call), { ...sending, timeoutMs: Math.ceil(sending.timeoutMs / speed) }),
    close: async () => http.close?.(),
  }
}

/** Makes a service fail in six ways while it is used, each a few times. */
const misbehave = (service: HostileServer): void => {
  const write = { when: ({ n }: Readonly<{ n: number }>) => n > 1 }
  // The service applies the third request and its answer is lost: only a look-up can find out.
  service.fail({ nth: 3, failure: { kind: 'reset', applied: true } })
  service.fail({ ...write, skip: 4, times: 2, failure: { kind: 'error', applied: false, status: 503 } })
  service.fail({ ...write, skip: 9, times: 1, failure: { kind: 'throttle', waitSeconds: 1 } })
  service.fail({ ...write, skip: 12, times: 1, failure: { kind: 'html', applied: false } })
  service.fail({ ...write, skip: 15, times: 1, failure: { kind: 'hang', applied: true } })
  service.fail({ ...write, skip: 18, times: 1, failure: { kind: 'nonsense', applied: true } })
}

/**
 * Puts adapters before hostile services on this machine that fail now and then, for examples and demonstrations: spread
 * the result into the options of `createTracker`. `secrets` are values by name; nothing leaves the machine.
 */
export const createStage = (
  services: readonly (readonly [adapter: AnyAdapter, service: HostileServer])[],
  values: Readonly<Record<string, string>>,
  clock: FastClock,
): Stage => {
  const secrets: SecretSource = name => values[name]
  const transports = services.map(([adapter, service]) => {
    misbehave(service)
    const http = sendTo(adapter, service, secrets, clock)
    return [adapter.name, adapter.transport?.({ secrets, http, now: clock.now }) ?? http] as const
  })
  const { now, monotonic } = clock
  return { transports: Object.fromEntries(transports), secrets, now, monotonic, pollMs: 20 }
}
