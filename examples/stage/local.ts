import type { Call, SecretSource, Transport } from '@sessionwire/core/delivery'
import { httpTransport } from '@sessionwire/core/delivery'
import type { HostileServer } from '@sessionwire/core/testing'

/** How much faster time runs for services on this machine: a wait of a minute takes a second. */
export const SPEED = 60

const start = Date.now()
const origin = performance.now()

/** Clocks that run fast: what is waited for in an example is what would be waited for, only sooner. */
export const fast = {
  now: (): number => Math.round(start + (performance.now() - origin) * SPEED),
  monotonic: (): number => performance.now() * SPEED,
}

/**
 * Lets an adapter speak to a service on this machine while its descriptors keep the real address: what an example shows
 * is what would be sent, and `--live` changes nothing but this.
 */
export const sendTo = (service: Readonly<{ url: string }>, secrets: SecretSource): Transport => {
  const http = httpTransport({ secrets })
  const moved = (call: Call): Call => {
    if (call.kind !== 'http' || typeof call.endpoint !== 'string') return call
    const { pathname, search } = new URL(call.endpoint)
    return { ...call, endpoint: `${service.url}${pathname}${search}` }
  }
  return {
    send: (call, sending) =>
      http.send(moved(call), { ...sending, timeoutMs: Math.ceil(sending.timeoutMs / SPEED) }),
    close: async () => http.close?.(),
  }
}

/** The ways in which the services of an example fail while they are used. Each happens a few times, by its own seed. */
export const misbehave = (service: HostileServer): void => {
  const write = { when: ({ n }: Readonly<{ n: number }>) => n > 1 }
  // The third request is applied and its answer is lost: only a look-up can tell.
  service.fail({ nth: 3, failure: { kind: 'reset', applied: true } })
  service.fail({ ...write, skip: 4, times: 2, failure: { kind: 'error', applied: false, status: 503 } })
  service.fail({ ...write, skip: 9, times: 1, failure: { kind: 'throttle', waitSeconds: 1 } })
  service.fail({ ...write, skip: 12, times: 1, failure: { kind: 'html', applied: false } })
  service.fail({ ...write, skip: 15, times: 1, failure: { kind: 'hang', applied: true } })
  service.fail({ ...write, skip: 18, times: 1, failure: { kind: 'nonsense', applied: true } })
}
