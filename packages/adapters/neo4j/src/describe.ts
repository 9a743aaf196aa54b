import { fieldsOf, writeLine } from '@sessionwire/core/adapter'

/** A line for people: what is done, and the parameter that names what it is done to. */
const say = (what: string, name: string) =>
  writeLine(({ parameters }) => {
    const value = fieldsOf(parameters)[name]
    return value === undefined || value === null ? what : `${what} ${String(value)}`
  })

/** Lines for the format `text`, by action. */
export const describe = {
  ensureRule: writeLine(
    ({ statement }) =>
      `ensure ${/^CREATE (\w+ \w+)/.exec(String(statement))?.[1]?.toLowerCase() ?? 'a rule'}`,
  ),
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
  linkCard: say('link to', 'url'),
  unlinkCard: say('remove the link to', 'adapter'),
  forgetSession: say('forget session', 'sessionId'),
  runCypher: writeLine(({ statement }) => `run: ${String(statement)}`),
}
