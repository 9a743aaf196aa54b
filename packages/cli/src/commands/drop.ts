import { defineCommand } from '../command.ts'
import { usage } from '../failure.ts'
import { chooseKeys, finishMove, KEYS, makeMovedSchema, WHICH } from '../moving.ts'

type State = 'planned' | 'waiting' | 'dead'

export const drop = defineCommand({
  name: 'drop',
  group: 'Deliver',
  about: 'Removes requests that were not sent, for good',
  examples: ['sessionwire drop --state planned --all'],
  uses: 'recording',
  arguments: KEYS,
  options: {
    ...WHICH,
    state: {
      about: 'Without keys: those in this state',
      value: 'state',
      choices: ['planned', 'waiting', 'dead'],
    },
  },
  json: makeMovedSchema,
  run: async (context, { keys = [] }, { state, ...which }) => {
    if (keys.length === 0 && state === undefined) throw usage('drop: give keys, or --state.')
    const opened = await context.open()
    const chosen = await chooseKeys(opened, { keys, ...which }, (state ?? 'planned') as State)
    const moved = chosen.length === 0 ? [] : await opened.tracker.drop(chosen)
    return finishMove(context, opened, moved, 'Dropped')
  },
})
