import { channels } from '#diagnostics'
import { publishCall } from '../diagnostics/measure.ts'
import type { DiagnosticsMessages } from '../diagnostics/messages.ts'
import type { Claim, Settlement } from './model.ts'

type Result = DiagnosticsMessages['attempt']['result']

const resultOf = ({ state, doubtSince }: Settlement): Result => {
  if (state !== 'waiting') return state
  return doubtSince === null ? 'retry' : 'in_doubt'
}

/** Runs one attempt, and publishes how it ended where a diagnostics channel has subscribers. */
export const publishAttempt = (
  { delivery: { adapter, action, key, lane, attempts } }: Claim,
  run: () => Promise<Settlement | undefined>,
): Promise<Settlement | undefined> =>
  publishCall(channels.attempt, run, end => {
    const settlement = end.kind === 'value' ? end.value : undefined
    const without: Result = end.kind === 'value' ? 'lost' : 'error'
    return {
      ...{ adapter, action, key, lane },
      attempts: settlement?.attempts ?? attempts,
      result: settlement === undefined ? without : resultOf(settlement),
      lookedUp: settlement?.lookedUp === true,
    }
  })
