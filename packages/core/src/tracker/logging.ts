import type { DeliveryEvents } from '../delivery/events.ts'
import type { Emitter, Logger, RecorderEvents } from '../recorder/emitter.ts'
import { formatPause } from './format.ts'

/** Writes to a logger what an operator would want to know. */
export const logEvents = (
  { on }: Pick<Emitter<RecorderEvents & DeliveryEvents>, 'on'>,
  logger: Logger,
): void => {
  on('error', ({ error, where }) => logger.error(`${where}: ${error.message}`, error))
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
