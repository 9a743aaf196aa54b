import type { Descriptor } from '@sessionwire/core/adapter'
import type { Statement } from './config.ts'

/** A line for people: what is done, and the parameter that names what it is done to. */
const say =
  (what: string, name: string) =>
  ({ payload }: Descriptor): string => {
    const value = (payload as unknown as Statement | undefined)?.parameters[name]
    return value === undefined || value === null ? what : `${what} ${String(value)}`
  }

/** Lines for the format `text`, by action. */
export const describe = {
  ensureRule: ({ payload }: Descriptor) =>
    `ensure ${/^CREATE (\w+ \w+)/.exec((payload as unknown as Statement).statement)?.[1]?.toLowerCase() ?? 'a rule'}`,
  registerProject: say('register project', 'project'),
  setProjectState: say('set the state of project', 'project'),
  startSession: say('start session', 'name'),
  recordProgress: say('record progress:', 'message'),
  moveSession: say('move session:', 'message'),
  recordMessage: say('record a message of role', 'role'),
  recordDecision: say('record decision:', 'content'),
  recordEntity: say('record entity', 'name'),
  addObservation: say('add observation:', 'content'),
  relateEntities: say('relate entities:', 'kind'),
  unrelateEntities: say('remove relation:', 'kind'),
  openBlocker: say('open blocker:', 'description'),
  resolveBlocker: say('resolve blocker:', 'resolution'),
  endSession: say('end session:', 'status'),
  resumeSession: say('resume session', 'sessionId'),
  forgetSession: say('forget session', 'sessionId'),
  runCypher: ({ payload }: Descriptor) => `run: ${(payload as unknown as Statement).statement}`,
}
