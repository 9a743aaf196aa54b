import * as z from 'zod'

const session = z.looseObject({
  id: z.string().describe('Unique in the store.'),
  title: z.string().describe('The first line of the goal.'),
  status: z.string().describe('active, completed, failed, cancelled, crashed, abandoned or left.'),
  progress: z.number().describe('In percent.'),
})

const message = z.looseObject({
  eventId: z.string(),
  sessionId: z.string(),
  role: z.string(),
  content: z.string(),
  at: z.string(),
})

const delivery = z.looseObject({
  key: z.string().describe('Its idempotency key, for release, retry, drop and acknowledge.'),
  adapter: z.string(),
  action: z.string(),
  state: z.string(),
  attempts: z.int(),
  reason: z.string().optional(),
})

const moved = z.looseObject({ key: z.string(), state: z.string() })
const named = { sessionId: z.string(), by: z.string().describe('How the session was chosen: id, or only.') }

/** The results of operations as clients may rely on them; more fields may come with a later version. */
const RESULTS: Readonly<Record<string, z.ZodType>> = {
  recorded: z.looseObject({
    recorded: z.boolean().describe('False: the filter of the workspace left it out.'),
    repeated: z.literal(true).optional().describe('The key was recorded before; nothing was written.'),
    eventId: z.string().optional().describe('The event that was stored.'),
    session: session.optional().describe('The session after it.'),
    by: z.string().optional().describe('How the session was chosen: id, only or started.'),
    decisionId: z.string().optional().describe('Of a decision: what supersedes takes.'),
    blockerId: z.string().optional().describe('Of a blocker: what resolutions take.'),
    reason: z.string().optional().describe('Why it was not recorded.'),
    planned: z
      .array(z.looseObject({ key: z.string(), action: z.string() }))
      .optional()
      .describe('Requests to services that were planned for it.'),
  }),
  sessions: z.looseObject({ sessions: z.array(session) }),
  show: z.looseObject({ session, by: z.string() }),
  status: z.looseObject({
    session,
    by: z.string(),
    cards: z.array(z.looseObject({})),
    adapters: z.array(z.looseObject({ name: z.string(), mode: z.string() })),
  }),
  messages: z.looseObject({ ...named, messages: z.array(message), next: z.string().optional() }),
  deliveries: z.looseObject({ ...named, deliveries: z.array(delivery) }),
  preview: z.looseObject({
    ...named,
    text: z.string(),
    requests: z.array(z.looseObject({ key: z.string(), adapter: z.string(), action: z.string() })),
  }),
  recall: z.looseObject({
    text: z.string().describe('For a prompt, within the budget.'),
    lines: z.array(
      z.looseObject({ text: z.string(), eventId: z.string(), sessionId: z.string(), kind: z.string() }),
    ),
  }),
  release: z.looseObject({ deliveries: z.array(moved) }),
  retry: z.looseObject({ deliveries: z.array(moved) }),
  drop: z.looseObject({ deliveries: z.array(moved) }),
  acknowledge: z.looseObject({ delivery: moved }),
}

/** The schema of the result of an operation, or of recording. */
export const resultOf = (name: string): z.ZodType => RESULTS[name] ?? z.looseObject({})
