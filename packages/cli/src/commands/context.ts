import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { mustChoose } from '../recording.ts'
import { parseCount } from '../time.ts'

export const context = defineCommand({
  name: 'context',
  aliases: ['c'],
  group: 'Look',
  about: 'Gives a session as text for the prompt of an agent',
  examples: ['sessionwire context | pbcopy'],
  uses: 'session',
  options: { budget: { about: 'Longest text in characters (default 8000)', value: 'count' } },
  json: z => z.strictObject({ session: z.string(), text: z.string() }),
  run: async (here, _, { budget }) => {
    const opened = await here.open({ tolerant: true })
    const session = await mustChoose(opened, undefined)
    const text = await opened.tracker.export(
      session,
      'context',
      budget === undefined ? {} : { budget: parseCount(budget, '--budget') },
    )
    return { data: { session, text }, text: show(text) }
  },
})
