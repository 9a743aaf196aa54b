import type { Timers } from '../delivery/timers.ts'
import type { RecorderOptions } from '../recorder/contract.ts'
import { redactText } from '../session/redact-text.ts'

/** What is redacted in recorded texts before they are stored. */
export type RedactOptions = Readonly<{
  /** Values of the adapters' secrets, as far as this process has read them. Default true. */
  known?: boolean | undefined
  /** Tokens of known services, private keys, passwords in addresses, lines of `.env` files. Default true. */
  patterns?: boolean | undefined
  /** Further patterns; each match becomes `[redacted]`. Default: none. */
  also?: readonly RegExp[] | undefined
}>

type Host = Readonly<{ getBuiltinModule?: (name: string) => { hostname?: () => string } | undefined }>

/** The host's name, where the runtime tells it without a permission that may be refused. */
const hostName = (): string | undefined => {
  try {
    const { process } = globalThis as unknown as { process?: Host }
    return process?.getBuiltinModule?.('node:os')?.hostname?.() || undefined
  } catch {
    return undefined
  }
}

/** What the recorder takes of `redact` and `machine`. `known` redacts the secrets that this process has read. */
export const recordingOptions = (
  given: Readonly<{ redact?: RedactOptions | false | undefined; machine?: string | false | undefined }>,
  known: (text: string) => string,
): Pick<RecorderOptions, 'redact' | 'machine'> => {
  const { redact = {}, machine = hostName() } = given
  const place = machine === false || machine === undefined ? {} : { machine }
  if (redact === false) return place
  const { known: isKnown = true, patterns = true, also = [] } = redact
  if (!isKnown && !patterns && also.length === 0) return place
  const rules = { patterns, also, ...(isKnown ? { known } : {}) }
  return { ...place, redact: text => redactText(text, rules) }
}

/** Longest time between two looks for idle sessions, ms. */
const LOOK_MS = 3_600_000

/** Calls `sweep` again and again while the process lives; the timer never keeps it alive. Answers how to end it. */
export const sweepOften = (
  timers: Timers,
  afterMs: number,
  sweep: () => Promise<unknown>,
  report: (thrown: unknown) => void,
): (() => void) => {
  let cancel: () => void = () => undefined
  let isOver = false
  const arm = (): void => {
    cancel = timers.after(Math.min(LOOK_MS, Math.max(1_000, afterMs)), () => {
      void sweep()
        .catch(report)
        .then(() => {
          if (!isOver) arm()
        })
    })
  }
  arm()
  return () => {
    isOver = true
    cancel()
  }
}
