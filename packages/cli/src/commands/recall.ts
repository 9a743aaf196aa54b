import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { parseCount, parseSince } from '../time.ts'

export const recall = defineCommand({
  name: 'recall',
  group: 'Look',
  about: 'Gives what is known of earlier work, as text for a prompt',
  more: [
    'Goal and state of the newest session, open blockers, next steps, decisions that stand, what has every word of the query, and links.',
  ],
  examples: ['sessionwire recall', 'sessionwire recall "invoice lock" --since 30d'],
  uses: 'session',
  arguments: [{ name: 'query', about: 'Words that a line must all have', optional: true }],
  options: {
    since: { about: 'Leaves out what happened earlier: 7d, or a date', value: 'time' },
    budget: { about: 'Longest text in characters (default 9500)', value: 'count' },
  },
  json: z =>
    z.strictObject({
      text: z.string(),
      lines: z.array(
        z.strictObject({
          text: z.string(),
          eventId: z.string(),
          sessionId: z.string(),
          at: z.string(),
          kind: z.string(),
        }),
      ),
    }),
  run: async (context, { query }, { since, budget }) => {
    const opened = await context.open({ tolerant: true })
    const { session } = context.shared
    const current = session === undefined ? undefined : await opened.current()
    const found = await opened.tracker.recall({
      ...(query === undefined ? {} : { query }),
      ...(current === undefined ? {} : { sessionId: current.id }),
      ...(since === undefined ? {} : { since: parseSince(since, '--since', Date.now()) }),
      ...(budget === undefined ? {} : { budget: parseCount(budget, '--budget') }),
    })
    // Goal, state and what stands come without being asked for.
    const words = (query ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    const isFound = found.lines.some(({ text }) => words.every(word => text.toLowerCase().includes(word)))
    if (words.length > 0 && !isFound) context.note(`No line has all of these words: ${words.join(' ')}`)
    return { data: found, text: found.text === '' ? 'Nothing is recorded yet.' : show(found.text) }
  },
})
