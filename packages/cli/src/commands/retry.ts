import { defineCommand } from '../command.ts'
import { chooseKeys, finishMove, KEYS, makeMovedSchema, WHICH } from '../moving.ts'

export const retry = defineCommand({
  name: 'retry',
  group: 'Deliver',
  about: 'Sends again what failed for good; without keys that of the current session',
  uses: 'recording',
  arguments: KEYS,
  options: {
    ...WHICH,
    resend: { about: 'Sends those in doubt too, because you know that they were not applied' },
  },
  json: makeMovedSchema,
  run: async (context, { keys = [] }, { resend, ...which }) => {
    const opened = await context.open()
    const chosen = await chooseKeys(opened, { keys, ...which }, 'dead')
    const moved =
      chosen.length === 0 ? [] : await opened.tracker.retry(chosen, resend ? { resend: true } : {})
    return finishMove(context, opened, moved, 'Retried')
  },
})
