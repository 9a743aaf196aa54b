import { defineCommand } from '../command.ts'
import { makeRecordedShape, readText, recordOnCurrent, signCall } from '../recording.ts'
import { parseProgress } from '../time.ts'

type Ending = 'completed' | 'failed' | 'cancelled' | 'left'

export const end = defineCommand({
  name: 'end',
  aliases: ['e'],
  group: 'Record',
  about: 'Ends the session',
  examples: ['sessionwire end "Invoices are locked one by one"', 'sessionwire end --as cancelled'],
  uses: 'recording',
  arguments: [{ name: 'summary', about: 'The result; - reads it from standard input', optional: true }],
  options: {
    as: {
      about: 'How it ended (default completed)',
      value: 'end',
      choices: ['completed', 'failed', 'cancelled', 'left'],
    },
    progress: { about: 'Progress at the end, 0 to 100', value: 'percent' },
  },
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { summary }, { as, progress }) =>
    recordOnCurrent(
      context,
      (session, opened) =>
        session.close({
          ...signCall(context, opened),
          ...(as === undefined ? {} : { end: as as Ending }),
          ...(summary === undefined ? {} : { summary: readText(context, summary) }),
          ...(progress === undefined ? {} : { progress: parseProgress(progress) }),
        }),
      ({ session }) => `Ended (${session.status})`,
    ),
})
