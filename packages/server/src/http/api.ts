import { Refused, refuse } from '../access/refusal.ts'
import type { OperationContext } from '../operations/operation.ts'
import { operationOf } from '../operations/operations.ts'
import { readQuery } from './query.ts'
import type { Route } from './route.ts'
import { envelope } from './send.ts'

/** One method of one path of `/api`, and the operation it runs. */
export type ApiPath = Readonly<{
  /** Reads are GET, everything else POST. */
  method: 'GET' | 'POST'
  /** `{sessionId}` may be `current`: the only active session of the caller. */
  path: string
  /** The name of the operation. */
  operation: string
  /** Whether it records: all that do give the same result. */
  records: boolean
}>

const record = (path: string, operation: string): ApiPath => ({
  method: 'POST',
  path,
  operation,
  records: true,
})
const look = (path: string, operation: string): ApiPath => ({
  method: 'GET',
  path,
  operation,
  records: false,
})
const settle = (operation: string): ApiPath => ({
  method: 'POST',
  path: `/api/deliveries/${operation}`,
  operation,
  records: false,
})

/** Everything below `/api`. */
export const API: readonly ApiPath[] = [
  record('/api/sessions', 'start'),
  look('/api/sessions', 'sessions'),
  look('/api/sessions/{sessionId}', 'show'),
  look('/api/sessions/{sessionId}/status', 'status'),
  record('/api/sessions/{sessionId}/updates', 'update'),
  record('/api/sessions/{sessionId}/decisions', 'decide'),
  record('/api/sessions/{sessionId}/blockers', 'block'),
  record('/api/sessions/{sessionId}/resolutions', 'resolve'),
  record('/api/sessions/{sessionId}/messages', 'message'),
  record('/api/sessions/{sessionId}/entities', 'entity'),
  record('/api/sessions/{sessionId}/close', 'close'),
  look('/api/sessions/{sessionId}/messages', 'messages'),
  look('/api/sessions/{sessionId}/deliveries', 'deliveries'),
  look('/api/sessions/{sessionId}/preview', 'preview'),
  look('/api/recall', 'recall'),
  ...['release', 'retry', 'drop', 'acknowledge'].map(settle),
]

/** The word that stands for the only active session of the caller. */
export const CURRENT = 'current'

const sessionOf = ({ sessionId }: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  sessionId === undefined || sessionId === CURRENT ? {} : { sessionId }

/** The path names the session: an input that names one too is refused, because only one of them could be meant. */
const checkOnce = (
  values: Readonly<Record<string, string>>,
  given: Readonly<Record<string, unknown>>,
): void => {
  if (values.sessionId === undefined || given.sessionId === undefined) return
  throw new Refused(
    refuse(
      400,
      'INVALID_INPUT',
      'sessionId: given twice; expected it in the path alone. Leave it out of the input.',
    ),
  )
}

/** The parts of the routes. */
export type ApiParts = Readonly<{
  /** The context of the operations, without the caller. */
  context: OperationContext
  /** The current time, epoch ms. */
  now: () => number
}>

/** Makes the routes of `/api`. */
export const apiRoutes = ({ context, now }: ApiParts): readonly Route[] =>
  API.map(({ method, path, operation: name, records }) => {
    const operation = operationOf(name)
    return {
      method,
      path,
      needs: operation.scope,
      shape: 'envelope',
      answer: async ({ subject, path: values, query, body, requestId }) => {
        const given = method === 'GET' ? readQuery(operation.input, query) : body
        checkOnce(values, given)
        const data = await operation.run({ ...context, subject }, { ...given, ...sessionOf(values) })
        const isNew = records && data.recorded === true && data.repeated !== true
        return { status: isNew ? 201 : 200, body: envelope(requestId, now(), { data }) }
      },
    }
  })
