import { defineCommand } from '../command.ts'
import { count } from '../io.ts'

export const ingest = defineCommand({
  name: 'ingest',
  group: 'Run',
  about: 'Reads what the hooks of agent hosts wrote into the stores of the workspaces',
  more: [
    'Every command does this for its own workspace. Hooks start it in the background; it ends by itself.',
  ],
  uses: 'folder',
  options: {
    stay: {
      about: 'Stays while a permission is asked for, and delivers, for two and a half minutes at most',
    },
  },
  json: z =>
    z.strictObject({
      ran: z.boolean(),
      lines: z.number(),
      events: z.number(),
      unreadable: z.number(),
      refused: z.number(),
      complete: z.boolean(),
    }),
  run: async ({ io, note }, _, { stay = false }) => {
    const { dataFolder } = (await import('../engine.ts')).hosts
    const { ingestAll } = (await import('../engine.ts')).opening
    const done = await ingestAll(dataFolder(io.env, process.platform), { env: io.env, note, stay })
    return {
      data: done,
      text: done.ran
        ? `Read: ${count(done.lines, 'line')}, ${count(done.events, 'event')} recorded, ${done.refused + done.unreadable} refused`
        : 'Another ingest is at work.',
    }
  },
})
