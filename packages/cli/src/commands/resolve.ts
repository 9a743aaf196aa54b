import { defineCommand } from '../command.ts'
import { makeRecordedShape, readText, recordOnCurrent, signCall } from '../recording.ts'

export const resolve = defineCommand({
  name: 'resolve',
  aliases: ['r'],
  group: 'Record',
  about: 'Resolves a blocker',
  examples: ['sessionwire resolve "staging key" "Ops sent it"'],
  uses: 'recording',
  arguments: [
    { name: 'blocker', about: 'Its id, or words that only one open blocker has' },
    { name: 'how', about: 'How it was resolved; - reads it from standard input', optional: true },
  ],
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { blocker, how }) =>
    recordOnCurrent(
      context,
      (session, opened) =>
        session.resolve(
          blocker,
          how === undefined ? undefined : readText(context, how),
          signCall(context, opened),
        ),
      () => 'Resolved',
    ),
})
