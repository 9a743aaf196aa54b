import { defineCommand } from '../command.ts'
import { usage } from '../failure.ts'
import { finishMove, makeMovedSchema } from '../moving.ts'
import { readText } from '../recording.ts'

export const ack = defineCommand({
  name: 'ack',
  group: 'Deliver',
  about: 'Marks a request as sent by hand',
  uses: 'recording',
  arguments: [{ name: 'deliveryKey', about: 'Its key, as `sessionwire deliveries` lists it' }],
  options: {
    body: {
      about: 'The answer as JSON, where later requests need it; - reads standard input',
      value: 'json',
    },
  },
  json: makeMovedSchema,
  run: async (context, { deliveryKey }, { body }) => {
    let parsed: unknown
    try {
      parsed = body === undefined ? undefined : JSON.parse(readText(context, body))
    } catch {
      throw usage('--body: not valid JSON.')
    }
    const opened = await context.open()
    const moved = await opened.tracker.acknowledge(
      deliveryKey,
      parsed === undefined ? undefined : { body: parsed as never },
    )
    return finishMove(context, opened, [moved], 'Acknowledged')
  },
})
