import { operationOf } from '../operations/operations.ts'
import type { Tool } from './tool.ts'

/** A tool of an operation, with the fields that a model needs of it. */
const start: Tool = {
  name: 'session_start',
  description: 'Start a session.',
  input: { type: 'object', properties: { goal: { type: 'string' }, key: { type: 'string' } } },
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: (context, input) => operationOf('start').run(context, input),
  say: result => `Started. Event ${String(result.eventId)}.`,
}

/** The tools that are offered by default. */
export const sessionTools: readonly Tool[] = [start]
