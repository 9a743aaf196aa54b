import { sayRecall, sayRecorded, sayStatus } from './say.ts'
import { type Tool, toolOf } from './tool.ts'

const on = {
  sessionId: 'Default: the current session.',
  key: 'Any id of yours: a repeated call with it records once.',
}

/** The tools that are offered by default. Their list sits in every prompt of a model, so their words are few. */
export const sessionTools: readonly Tool[] = [
  toolOf('start', {
    name: 'session_start',
    description:
      'Starts a session for a piece of work. Its goal becomes the title of its issue or card in the team’s tools.',
    fields: {
      goal: 'The result that the work is for.',
      progress: '',
      refs: 'Existing items to use, as in {"jira":{"issue":"ENG-1"}}.',
      key: on.key,
    },
    say: sayRecorded('The start'),
  }),
  toolOf('update', {
    name: 'session_update',
    description: 'Records a step of work that is done.',
    fields: {
      description: 'The step, in a sentence.',
      progress: 'Percent of the whole, 0 to 100.',
      nextSteps: '',
      tags: '',
      goal: 'Replaces the goal.',
      ...on,
    },
    say: sayRecorded('The update'),
  }),
  toolOf('decide', {
    name: 'record_decision',
    description: 'Records a decision that others should know of, and why it was made.',
    fields: {
      content: 'The choice, in a sentence.',
      rationale: 'Why.',
      alternatives: 'Other choices that were considered.',
      impact: '',
      supersedes: 'decisionId of the decision it replaces.',
      ...on,
    },
    say: sayRecorded('The decision'),
  }),
  toolOf('block', {
    name: 'record_blocker',
    description: 'Records an obstacle that stops the work and needs a person or a tool.',
    fields: {
      description: 'The obstacle, in a sentence.',
      severity: '',
      category: 'One word: tool, person, access…',
      ...on,
    },
    say: sayRecorded('The blocker'),
  }),
  toolOf('resolve', {
    name: 'resolve_blocker',
    description: 'Records that a blocker is gone.',
    fields: { blocker: 'Its blockerId, or words that only one open blocker has.', resolution: 'How.', ...on },
    say: sayRecorded('The resolution'),
  }),
  toolOf('close', {
    name: 'session_close',
    description: 'Ends a session when its work is over.',
    fields: { end: 'Default completed.', summary: 'The result.', progress: '', ...on },
    say: sayRecorded('The end'),
  }),
  toolOf('status', {
    name: 'session_status',
    description:
      'Shows a session: goal, progress, blockers, decisions, links, and how each tool of the team stands.',
    fields: { sessionId: on.sessionId },
    say: sayStatus,
  }),
  toolOf('recall', {
    name: 'recall',
    description:
      'Finds what earlier sessions decided, left open or were blocked by. Call it before you decide again.',
    fields: {
      query: 'Finds lines that have all of these words too.',
      since: 'ISO 8601.',
      sessionId: 'Default: all of the project.',
    },
    say: sayRecall,
    // Its lines say the same again.
    show: result => ({ text: sayRecall(result) }),
  }),
]
