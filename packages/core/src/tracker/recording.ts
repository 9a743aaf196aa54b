import type { Timers } from '../delivery/timers.ts'
import type { RecorderOptions } from '../recorder/contract.ts'

/** Redaction of recorded texts before they are stored. */
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

/**
 * The recorder's options from `redact` and `machine`. `known` redacts the secrets that this process has read. The patterns are
 * loaded here, so that the main entry stays small where nothing is redacted.
 */
export const recordingOptions = async (
  given: Readonly<{ redact?: RedactOptions | false | undefined; machine?: string | false | undefined }>,
  known: (text: string) => string,
): Promise<Pick<RecorderOptions, 'redact' | 'machine'>> => {
  const { redact = {}, machine = hostName() } = given
  const place = machine === false || machine === undefined ? {} : { machine }
  if (redact === false) return place
  const { known: isKnown = true, patterns = true, also = [] } = redact
  if (!isKnown && !patterns && also.length === 0) return place
  const rules = { patterns, also, ...(isKnown ? { redact: known } : {}) }
  const { redactText } = await import('../session/redact-text.ts')
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

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Makes ids that sort by time: UUIDs of version 7 (RFC 9562 section 5.7), rising within a millisecond too. */
export const createIds = (
  now: () => number,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void,
): (() => string) => {
  // Chance is fetched for many ids at once: asking for it costs more than all the rest.
  const pool = new Uint8Array(1_280)
  let used = pool.length
  let last = -1
  let count = 0
  let head = ''
  const begin = (time: number, from: number) => {
    const ms = time.toString(16).padStart(12, '0')
    head = `${ms.slice(0, 8)}-${ms.slice(8)}-7`
    last = time
    count = from
  }
  const chance = (place: number) => pool[used + place] ?? 0
  const hex = (place: number) => HEX[chance(place)] ?? ''
  return () => {
    if (used + 10 > pool.length) {
      fill(pool)
      used = 0
    }
    const time = Math.max(0, Math.floor(now()))
    // Begins low, so that there is room to count in the 12 bits after the version.
    if (time > last) begin(time, ((chance(0) << 8) | chance(1)) & 0x7ff)
    else if (count === 0xfff) begin(last + 1, 0)
    else count++
    const counted = (HEX[count >> 4] ?? '') + (count & 0xf).toString(16)
    const variant = HEX[(chance(2) & 0x3f) | 0x80] ?? ''
    const id = `${head}${counted}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`
    used += 10
    return id
  }
}
