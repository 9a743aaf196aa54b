import { defineCommand } from '../command.ts'
import { show as clean, paint, showLine } from '../io.ts'
import { mustChoose } from '../recording.ts'
import { sessionBlock, sessionSchema, showTime } from '../shown.ts'
import { tell } from '../told.ts'

/** The latest that are shown. */
const MESSAGES = 20

export const show = defineCommand({
  name: 'show',
  group: 'Look',
  about: 'Shows a session with all that was recorded',
  uses: 'session',
  arguments: [
    { name: 'id', about: 'Its id, or the beginning or end of it (default: the current one)', optional: true },
  ],
  json: z =>
    z.strictObject({
      session: sessionSchema(z),
      cards: z.array(
        z.strictObject({
          adapter: z.string(),
          name: z.string(),
          url: z.optional(z.string()),
          state: z.string(),
        }),
      ),
      messages: z.array(z.looseObject({ role: z.string(), content: z.string(), at: z.string() })),
    }),
  run: async (context, { id }) => {
    const { io } = context
    const opened = await context.open({ tolerant: true })
    const chosen = await mustChoose(opened, id)
    const handle = opened.tracker.session(chosen)
    const session = await handle.load()
    const cards = await handle.cards()
    const { messages } = await opened.tracker.messages({ sessionId: chosen, limit: MESSAGES })
    const told = await tell(opened.tracker, session, opened.config.user)
    const head = (text: string): string => paint(io, 'bold', text)
    const list = (title: string, lines: readonly string[]): readonly string[] =>
      lines.length === 0 ? [] : ['', head(title), ...lines]
    return {
      data: { session, cards, messages },
      text: [
        ...sessionBlock(io, { ...session, updates: [], entities: [] }, Date.now(), told),
        ...(session.goal === undefined || session.goal === session.title ? [] : ['', clean(session.goal)]),
        ...list(
          'Messages, kept on this machine',
          messages
            .toReversed()
            .map(({ at, role, content }) => `  ${showTime(at)}  ${role}: ${showLine(content, 200)}`),
        ),
        ...list(
          'Updates',
          session.updates.map(
            ({ at, description, progress }) =>
              `  ${showTime(at)}  ${progress === undefined ? '' : `${progress} %  `}${showLine(description)}`,
          ),
        ),
        ...list(
          'Decisions',
          session.decisions.flatMap(({ content, rationale, decisionId }) => [
            `  ${showLine(content)} ${paint(io, 'dim', `(${decisionId})`)}`,
            ...(rationale === undefined ? [] : [`    because ${showLine(rationale)}`]),
          ]),
        ),
        ...list(
          'Blockers',
          session.blockers.map(
            ({ description, resolvedAt, resolution, blockerId }) =>
              `  ${resolvedAt === undefined ? paint(io, 'red', 'open    ') : 'resolved'}  ${showLine(description)}${resolution === undefined ? '' : `: ${showLine(resolution)}`} ${paint(io, 'dim', `(${blockerId})`)}`,
          ),
        ),
        ...list(
          'Entities',
          session.entities.map(
            ({ type, name, path }) => `  ${showLine(type, 20)}  ${showLine(path ?? name)}`,
          ),
        ),
        ...list(
          'Cards',
          cards.map(
            ({ adapter, name, url, state }) =>
              `  ${[adapter, ...(name === adapter ? [] : [showLine(name)]), state, ...(url === undefined ? [] : [showLine(url, 200)])].join('  ')}`,
          ),
        ),
        ...(session.summary === undefined ? [] : ['', head('Summary'), clean(session.summary)]),
      ],
    }
  },
})
