import { defineCommand } from '../command.ts'
import { parseDuration } from '../time.ts'

export const pause = defineCommand({
  name: 'pause',
  group: 'Deliver',
  about: 'Stops an adapter from sending',
  examples: ['sessionwire pause jira --for 2h --reason "Migration"'],
  uses: 'workspace',
  arguments: [{ name: 'adapter', about: 'Its name' }],
  options: {
    for: { about: 'For so long (default: until `sessionwire unpause`)', value: 'time' },
    reason: { about: 'Why', value: 'text' },
    limit: { about: 'Only this limit of it', value: 'name' },
  },
  json: z => z.strictObject({ adapter: z.string(), paused: z.boolean() }),
  run: async (context, { adapter }, { for: time, reason, limit }) => {
    const { tracker } = await context.open()
    await tracker.pause(adapter, {
      ...(time === undefined ? {} : { forMs: parseDuration(time, '--for') }),
      ...(reason === undefined ? {} : { reason }),
      ...(limit === undefined ? {} : { limit }),
    })
    return { data: { adapter, paused: true }, text: `Paused: ${adapter}` }
  },
})
