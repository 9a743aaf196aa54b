import { environment } from '../adapter/environment.ts'
import type { DeliveryEvents } from '../delivery/events.ts'
import type { Emitter, Logger, RecorderEvents } from '../recorder/context.ts'
import { ignoreRejection } from '../session/at-once.ts'
import { isTrackerError } from '../session/errors.ts'
import { formatPause } from './format.ts'

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
      if (logger !== undefined) return ignoreRejection(logger.warn(text))
      if (written.has(text) || environment().NODE_ENV === 'test') return
      written.add(text)
      console.warn(`sessionwire: ${text}`)
    } catch {
      // A logger that throws leaves no other way.
    }
  }

/** Writes to a logger what an operator would want to know. */
export const logEvents = (
  { on }: Pick<Emitter<RecorderEvents & DeliveryEvents>, 'on'>,
  logger: Logger,
): void => {
  on('error', ({ error, where }) => {
    const text = `${where}: ${error.message}`
    // A stack trace of this library helps no operator: the message of its own errors says all, unless there is a cause.
    return isTrackerError(error) && error.cause === undefined ? logger.error(text) : logger.error(text, error)
  })
  on('dead', each =>
    logger.warn(`${each.adapter} ${each.action} is dead: ${each.reason} (delivery ${each.key})`, each),
  )
  on('inDoubt', each =>
    logger.warn(
      `${each.adapter} ${each.action} may have been applied: ${each.reason} (delivery ${each.key})`,
      each,
    ),
  )
  on('paused', ({ pause }) => logger.warn(formatPause(pause), pause))
}
