import type { Session } from '@sessionwire/core'
import { omitUndefined, openBlockers, standingDecisions } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { listDeliveries } from './deliveries.ts'
import { findHindrances } from './hindrances.ts'
import { defineOperation, hasScope, type Operation, type OperationContext } from './operation.ts'
import { sessionId, summaryOf } from './recording.ts'
import { chooseSession, listOwn, loadOwn } from './session-of.ts'

/** Longest recall, in characters, where the caller names no budget. */
const RECALL_BUDGET = 9_500
/** Newest updates that a status shows. */
const UPDATES = 5

/** A session with what matters of it now. */
const showSession = (session: Session) => ({
  ...summaryOf(session),
  ...(session.goal === undefined ? {} : { goal: session.goal }),
  startedAt: session.startedAt,
  ...(session.endedAt === undefined ? {} : { endedAt: session.endedAt }),
  ...(session.summary === undefined ? {} : { summary: session.summary }),
  updates: session.updates
    .slice(-UPDATES)
    .map(({ eventId, description, at }) => ({ eventId, at, description })),
  nextSteps: session.updates.findLast(({ nextSteps }) => nextSteps !== undefined)?.nextSteps ?? [],
  openBlockers: openBlockers(session).map(({ blockerId, description, severity }) => ({
    blockerId,
    severity,
    description,
  })),
  decisions: standingDecisions(session).map(({ decisionId, content }) => ({ decisionId, content })),
})

/** A session as remote callers see it: without the path and the name of the machine that the server runs on. */
const withoutServer = <S extends Pick<Session, 'workspace' | 'machine' | 'writer'>>(
  { subject, workspace: own }: OperationContext,
  session: S,
): Omit<S, 'machine' | 'writer'> | S => {
  if (subject === undefined) return session
  const { machine: _, writer: __, workspace, ...rest } = session
  return workspace === own ? (rest as unknown as S) : ({ ...rest, workspace } as unknown as S)
}

const status = defineOperation({
  name: 'status',
  about: 'Shows a session and how each service stands.',
  scope: 'read',
  input: z.strictObject({ sessionId }),
  run: async (context, { sessionId: id }) => {
    const { session, by } = await chooseSession(context, id)
    const [{ adapters }, cards] = await Promise.all([
      context.tracker.status(),
      context.tracker.session(session.id).cards(),
    ])
    const adapterOf = ({ name, mode, states, pauses, unset }: (typeof adapters)[number]) => ({
      ...{ name, mode, states },
      ...(pauses.length === 0 ? {} : { paused: pauses.map(({ reason }) => reason) }),
      ...(unset === undefined ? {} : { unset }),
    })
    const notes = await findHindrances(context)
    return {
      ...{ session: showSession(session), by, cards, adapters: adapters.map(adapterOf) },
      ...(notes.length === 0 ? {} : { notes }),
    }
  },
})

const sessions = defineOperation({
  name: 'sessions',
  about: 'Lists the sessions of the caller, newest first.',
  scope: 'read',
  input: z.strictObject({
    status: z
      .enum(['active', 'completed', 'failed', 'cancelled', 'crashed', 'abandoned', 'left'])
      .optional()
      .describe('Only those that stand so. Default: all.'),
    project: z.string().min(1).max(256).optional().describe('Only those of this project. Default: all.'),
    limit: z.int().min(1).max(1_000).optional().describe('Default 100.'),
  }),
  run: async (context, { limit = 100, ...filter }) => ({
    sessions: (await listOwn(context, omitUndefined(filter)))
      .slice(0, limit)
      .map(each => withoutServer(context, each)),
  }),
})

const show = defineOperation({
  name: 'show',
  about: 'Gives a whole session: every update, decision, blocker and entity.',
  scope: 'read',
  input: z.strictObject({ sessionId }),
  run: async (context, { sessionId: id }) => {
    const { session, by } = await chooseSession(context, id)
    return { session: withoutServer(context, session), by }
  },
})

const recall = defineOperation({
  name: 'recall',
  about: 'Finds what earlier sessions decided, left open or were blocked by.',
  scope: 'read',
  input: z.strictObject({
    sessionId: z.string().min(1).max(256).optional().describe('Only this session. Default: the project.'),
    query: z
      .string()
      .optional()
      .describe('Finds lines that have all of these words, besides goal, blockers and decisions.'),
    project: z.string().min(1).max(256).optional().describe('Default: the project of the server.'),
    since: z.string().optional().describe('Only what happened at this time (ISO 8601) or later.'),
    budget: z.int().min(1).max(100_000).optional().describe('Longest text, in characters. Default 9,500.'),
  }),
  run: async (context, { sessionId: id, budget = RECALL_BUDGET, ...filter }) => {
    if (id !== undefined) await loadOwn(context, id)
    const all = hasScope(context, 'any') || id !== undefined
    const found = await context.tracker.recall({
      ...filter,
      ...(id === undefined ? {} : { sessionId: id }),
      budget: all ? budget : 1_000_000,
    })
    if (all) return { ...found }
    const own = new Set((await listOwn(context)).map(each => each.id))
    const lines: (typeof found.lines)[number][] = []
    const texts: string[] = []
    let left = budget
    for (const line of found.lines.filter(each => own.has(each.sessionId))) {
      const text = `${line.text} [${line.eventId}]`
      if (text.length + 1 > left) break
      left -= text.length + 1
      lines.push(line)
      texts.push(text)
    }
    return { text: texts.join('\n'), lines }
  },
})

const messages = defineOperation({
  name: 'messages',
  about: 'Gives the messages of a session, newest first.',
  scope: 'read',
  input: z.strictObject({
    sessionId,
    role: z.enum(['user', 'assistant', 'system', 'tool']).optional().describe('Only those of this role.'),
    since: z.string().optional().describe('Only those of this time (ISO 8601) or later.'),
    cursor: z.string().optional().describe('The cursor of the page before. Default: the first page.'),
    limit: z.int().min(1).max(1_000).optional().describe('Default 100.'),
  }),
  run: async (context, { sessionId: id, ...filter }) => {
    const { session, by } = await chooseSession(context, id)
    const page = await context.tracker.messages({ ...filter, sessionId: session.id })
    return { sessionId: session.id, by, ...page }
  },
})

const deliveries = defineOperation({
  name: 'deliveries',
  about: 'Lists the requests to services and how each of them stands.',
  scope: 'read',
  input: z.strictObject({
    sessionId,
    adapter: z.string().min(1).optional().describe('Only those of this service.'),
    state: z
      .enum(['planned', 'waiting', 'claimed', 'begun', 'delivered', 'replaced', 'dead', 'dropped'])
      .optional()
      .describe('Only those in this state.'),
    limit: z.int().min(1).max(1_000).optional().describe('Default 100.'),
  }),
  run: async (context, { sessionId: id, limit = 100, ...filter }) => {
    const { session, by } = await chooseSession(context, id)
    const found = await listDeliveries(context, { ...omitUndefined(filter), lane: session.id, limit })
    return { sessionId: session.id, by, deliveries: found }
  },
})

const preview = defineOperation({
  name: 'preview',
  about: 'Shows the requests of a session that are not sent yet, as text and as data.',
  scope: 'read',
  input: z.strictObject({
    sessionId,
    adapter: z.string().min(1).optional().describe('Only those of this service.'),
    as: z
      .enum(['text', 'curl', 'graphql', 'http', 'cypher', 'json'])
      .optional()
      .describe('Form of the text. Default text: one line for each request.'),
  }),
  run: async (context, { sessionId: id, adapter, as = 'text' }) => {
    const { session, by } = await chooseSession(context, id)
    const previewed = await context.tracker.preview(session.id, adapter === undefined ? {} : { adapter })
    const requests = previewed.map(({ key, adapter: name, action }) => ({ key, adapter: name, action }))
    return { sessionId: session.id, by, requests, text: context.tracker.render(previewed, as) }
  },
})

/** Operations that change nothing. */
export const reading: readonly Operation[] = [status, sessions, show, recall, messages, deliveries, preview]
