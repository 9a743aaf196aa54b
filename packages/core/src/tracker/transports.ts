import type { AnyAdapter } from '../adapter/contract.ts'
import { holdFor, inTime, type Timers } from '../delivery/waits.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { omitUndefined } from '../descriptor/refs.ts'
import type { RenderOptions } from '../render/render.ts'
import { atOnce, ignoreRejection, isThenable } from '../session/at-once.ts'
import { toError } from '../session/errors.ts'
import { describe, failure } from '../session/message.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'

/** How each adapter's calls are sent, and the end of it all. */
export type Transports = Readonly<{
  byAdapter: Readonly<Record<string, Transport>>
  close: (timers: Timers) => Promise<void>
}>

/** How long a transport may take to close, ms. */
const CLOSE_MS = 5_000

/** A source that knows the secrets of one adapter only. */
const secretsOf = ({ secrets: names }: AnyAdapter, source: SecretSource): SecretSource => {
  const own = new Set(names)
  return name => (own.has(name) ? source(name) : undefined)
}

/** A transport of an adapter that could send nothing is refused when the tracker is made. */
const checkSend = (adapter: string, made: Transport): Transport => {
  if (typeof (made as Partial<Transport> | undefined)?.send === 'function') return made
  ignoreRejection(made)
  throw failure('ADAPTER', {
    field: `${adapter}.transport`,
    problem: 'invalid result',
    expected: 'a transport with the function send',
    got: isThenable(made) ? 'a promise' : describe(made),
  })
}

/** The host's own transport for an adapter, else the adapter's, else HTTP, which is loaded here: an entry that only records needs none. */
export const createTransports = async (
  adapters: readonly AnyAdapter[],
  given: Readonly<Record<string, Transport>>,
  source: SecretSource,
  now: () => number,
): Promise<Transports> => {
  const { httpTransport } = await import('../transport/http.ts')
  const made = adapters.flatMap(adapter => {
    const { name, transport, headers, allowPlaintext, signers } = adapter
    if (given[name] !== undefined) return []
    const secrets = secretsOf(adapter, source)
    const http = httpTransport({ secrets, now, ...omitUndefined({ headers, allowPlaintext, signers }) })
    return [
      [name, transport === undefined ? http : checkSend(name, transport({ secrets, http, now }))] as const,
    ]
  })
  return {
    byAdapter: { ...Object.fromEntries(made), ...given },
    // The host closes the transports it gave.
    close: async timers => {
      const late = () => new Error('the transport did not close in time')
      // Nothing of a transport keeps the host from closing: it hangs, or throws.
      for (const [, transport] of made)
        await holdFor(timers)(async () => inTime(transport.close?.(), CLOSE_MS, timers, late)).catch(
          () => undefined,
        )
    },
  }
}

/** The adapter that planned a descriptor: previews name it; other descriptors are known by an action that only one has. */
const ownerOf = (adapters: readonly AnyAdapter[], descriptor: Descriptor): AnyAdapter | undefined => {
  const named = (descriptor as Readonly<{ adapter?: unknown }>).adapter
  if (named !== undefined) return adapters.find(({ name }) => name === named)
  const able = adapters.filter(({ describe = {} }) => Object.hasOwn(describe, descriptor.action))
  return able.length === 1 ? able[0] : undefined
}

/** How adapters show their own calls. Where two have a renderer for one target, the first counts. */
export const renderersOf = (
  adapters: readonly AnyAdapter[],
): Required<Pick<RenderOptions, 'renderers' | 'describe'>> => ({
  renderers: Object.assign({}, ...[...adapters].reverse().map(({ renderers }) => renderers)),
  describe: descriptor => {
    const { name, describe: lines = {} } = ownerOf(adapters, descriptor) ?? {}
    const { action } = descriptor
    if (!Object.hasOwn(lines, action)) return undefined
    // Previews are read before anything is sent: a defect of the adapter is named, and hides no request.
    const field = `${name}.describe.${action}`
    try {
      const line: unknown = atOnce(lines[action]?.(descriptor), field)
      return typeof line === 'string' ? line : `${action} (${field} returned ${describe(line)})`
    } catch (thrown) {
      return `${action} (${field} threw: ${toError(thrown).message})`
    }
  },
})
