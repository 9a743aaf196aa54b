import type { OperationContext } from './operation.ts'

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** Longest reason of a service that a note repeats, in characters. */
const REASON = 200
const shorten = (text: string): string =>
  text.length <= REASON ? text.replace(/\.$/, '') : `${text.slice(0, REASON)}…`

/** Why nothing of a service is sent, one line each; with the lines that the workspace itself gives. */
export const findHindrances = async ({
  tracker,
  notes = [],
}: OperationContext): Promise<readonly string[]> => {
  const { adapters } = await tracker.status()
  const found = adapters.flatMap(({ name, mode, unset = [], pauses, foreign }) => {
    if (mode !== 'execute') return []
    const isMissing = `${unset.join(', ')} ${unset.length === 1 ? 'is' : 'are'} not set`
    return [
      ...(unset.length > 0 ? [`${name} sends nothing: ${isMissing}. See: sessionwire doctor`] : []),
      ...pauses.flatMap(({ kind, reason }) =>
        kind === 'denied' || kind === 'down'
          ? [
              `${name} sends nothing now, because it ${kind === 'denied' ? 'refused the credential' : 'cannot be reached'}: ${shorten(reason)}. See: sessionwire doctor --live`,
            ]
          : [],
      ),
      ...(foreign > 0
        ? [
            `${plural(foreign, 'request')} to ${name} ${foreign === 1 ? 'waits' : 'wait'} for an account or place that is not configured any more. See: sessionwire doctor`,
          ]
        : []),
    ]
  })
  return [...notes, ...found]
}
