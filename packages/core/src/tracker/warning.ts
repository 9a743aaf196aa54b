import { environment } from '../adapter/environment.ts'
import type { Logger } from '../recorder/emitter.ts'

/** Reports something the caller of the program should hear, and that no call can throw. */
export type Warn = (text: string) => void

/** Texts written to standard error by this process: each is written once. */
const written = new Set<string>()

/** Makes the way warnings go: to the logger, or to standard error where there is none (in tests
 * nowhere). Never throws. */
export const createWarn =
  (logger: Logger | undefined): Warn =>
  text => {
    try {
      if (logger !== undefined) return logger.warn(text)
      if (written.has(text) || environment().NODE_ENV === 'test') return
      written.add(text)
      console.warn(`sessionwire: ${text}`)
    } catch {
      // A logger that throws leaves no other way.
    }
  }
