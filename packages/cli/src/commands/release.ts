import { defineCommand } from '../command.ts'
import { chooseKeys, finishMove, KEYS, makeMovedSchema, WHICH } from '../moving.ts'

export const release = defineCommand({
  name: 'release',
  group: 'Deliver',
  about: 'Sends what is planned in mode preview; without keys that of the current session',
  examples: ['sessionwire preview', 'sessionwire release'],
  uses: 'recording',
  arguments: KEYS,
  options: WHICH,
  json: makeMovedSchema,
  run: async (context, { keys = [] }, which) => {
    const opened = await context.open()
    const chosen = await chooseKeys(opened, { keys, ...which }, 'planned')
    const moved = chosen.length === 0 ? [] : await opened.tracker.release(chosen)
    return finishMove(context, opened, moved, 'Released')
  },
})
