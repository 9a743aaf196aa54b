import { defineCommand } from '../command.ts'
import { digestSessions, sayDigest } from '../digest.ts'
import { show } from '../io.ts'
import { parseSince } from '../time.ts'
import { type Told, tell } from '../told.ts'

const MOST = 200

export const digest = defineCommand({
  name: 'digest',
  group: 'Look',
  about: 'Sums up what happened, for a standup',
  examples: ['sessionwire digest --since 1d', 'sessionwire digest --since 7d --everybody'],
  uses: 'workspace',
  options: {
    since: { about: 'From when on: 1d (default), or a date', value: 'time' },
    everybody: { about: 'Not only the sessions of your user' },
  },
  json: z => {
    const texts = z.array(z.string())
    return z.strictObject({
      since: z.string(),
      sessions: z.array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          project: z.string(),
          user: z.string(),
          agent: z.optional(z.string()),
          status: z.string(),
          from: z.number(),
          to: z.number(),
          updates: texts,
          decisions: texts,
          blocked: texts,
          resolved: texts,
          next: texts,
          files: texts,
          summary: z.optional(z.string()),
        }),
      ),
    })
  },
  run: async (context, _, { since = '1d', everybody }) => {
    const { tracker, config } = await context.open({ tolerant: true })
    const from = parseSince(since, '--since', Date.now())
    const listed = await tracker.sessions({
      project: config.project,
      limit: MOST,
      ...(everybody ? {} : { user: config.user }),
    })
    const recent = listed.filter(({ lastEventAt }) => Date.parse(lastEventAt) >= from.getTime())
    const sessions = []
    for (const { id } of recent) sessions.push(await tracker.session(id).load())
    // Words of prompts are for the person on a terminal: the object of --json may go anywhere.
    const told = new Map<string, Told>()
    for (const session of context.shared.json ? [] : sessions)
      told.set(session.id, await tell(tracker, session, config.user))
    const digested = digestSessions(sessions, from.getTime())
    return {
      data: { since: from.toISOString(), sessions: digested },
      text: digested.length === 0 ? ['Nothing happened.'] : sayDigest(digested, told).map(show),
    }
  },
})
