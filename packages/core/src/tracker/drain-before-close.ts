import type { DeliveryEvents } from '../delivery/events.ts'
import type { Worker } from '../delivery/worker.ts'
import { asError, type Emitter, type RecorderEvents } from '../recorder/emitter.ts'
import type { Store } from '../store/contract.ts'
import { formatPause } from './format.ts'
import type { Warn } from './warning.ts'

type Parts = Readonly<{
  worker: Pick<Worker, 'drain'>
  store: Pick<Store, 'where'>
  warn: Warn
  emitter: Pick<Emitter<RecorderEvents & DeliveryEvents>, 'emit'>
}>

/** Delivers for at most `timeoutMs` and warns of what is left. Never throws: the tracker must be closed after it. */
export const drainBeforeClose = async (
  { worker, store, warn, emitter }: Parts,
  timeoutMs: number,
): Promise<void> => {
  try {
    const { left, paused = [] } = await worker.drain({ timeoutMs })
    const { waiting = 0, claimed = 0, begun = 0, dead = 0 } = left
    const open = waiting + claimed + begun
    if (open + dead === 0) return
    const counted = [...(open > 0 ? [`${open} waiting`] : []), ...(dead > 0 ? [`${dead} dead`] : [])].join(
      ', ',
    )
    const reasons = paused.map(pause => ` ${formatPause(pause)}.`).join('')
    const later = store.where === 'memory' ? '' : ' They go out when a tracker opens the store again.'
    warn(`The tracker closed with requests that were not delivered: ${counted}.${reasons}${later}`)
  } catch (thrown) {
    emitter.emit('error', { error: asError(thrown), where: 'drain before close' })
  }
}
