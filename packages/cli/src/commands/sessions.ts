import { defineCommand } from '../command.ts'
import { sessionLine, summarySchema } from '../shown.ts'
import { parseCount, parseSince } from '../time.ts'
import { tell } from '../told.ts'

const STATUSES = ['active', 'completed', 'failed', 'cancelled', 'crashed', 'abandoned', 'left'] as const

export const sessions = defineCommand({
  name: 'sessions',
  group: 'Look',
  about: 'Lists sessions, newest first',
  uses: 'workspace',
  options: {
    status: { about: 'Only those in this state', value: 'status', choices: STATUSES },
    since: { about: 'Only those that started since then: 7d, or a date', value: 'time' },
    limit: { about: 'At most so many (default 20)', value: 'count', short: 'n' },
    agent: { about: 'Only those of this agent', value: 'name' },
    allProjects: { about: 'Those of all projects in the store' },
  },
  json: z => z.strictObject({ sessions: z.array(summarySchema(z)) }),
  run: async (context, _, { status, since, limit = '20', agent, allProjects }) => {
    const { tracker, config } = await context.open({ tolerant: true })
    const now = Date.now()
    const found = await tracker.sessions({
      limit: parseCount(limit, '--limit'),
      ...(allProjects ? {} : { project: config.project }),
      ...(status === undefined ? {} : { status: status as (typeof STATUSES)[number] }),
      ...(since === undefined ? {} : { since: parseSince(since, '--since', now) }),
      ...(agent === undefined ? {} : { agent }),
    })
    const lines: string[] = []
    for (const each of context.shared.json ? [] : found)
      lines.push(sessionLine(context.io, each, now, (await tell(tracker, each, config.user)).began))
    return {
      data: { sessions: found },
      text: found.length === 0 ? ['No sessions.'] : lines,
    }
  },
})
