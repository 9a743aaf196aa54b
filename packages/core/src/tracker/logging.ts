import type { DeliveryEvents } from '../delivery/events.ts'
import type { Emitter, Logger, RecorderEvents } from '../recorder/emitter.ts'

/** Tells a logger what an operator would want to know. */
export const tellLogger = (
  { on }: Pick<Emitter<RecorderEvents & DeliveryEvents>, 'on'>,
  logger: Logger,
): void => {
  on('error', ({ error, where }) => logger.error(`${where}: ${error.message}`, error))
  on('dead', each => logger.warn(`${each.key} (${each.action}) was given up: ${each.reason}`, each))
  on('inDoubt', each =>
    logger.warn(`${each.key} (${each.action}) may have been applied: ${each.reason}`, each),
  )
  on('paused', ({ pause }) => logger.warn(`${pause.adapter} rests: ${pause.reason}`, pause))
}
