import { defineCommand } from '../command.ts'
import { makeRecordedShape, readText, recordOnCurrent, signCall } from '../recording.ts'
import { parseProgress } from '../time.ts'

export const update = defineCommand({
  name: 'update',
  aliases: ['u'],
  group: 'Record',
  about: 'Records a step that was done',
  examples: [
    'sessionwire update "Found the race in the webhook" 40',
    'git log -1 --format=%s | sessionwire update -',
  ],
  uses: 'recording',
  arguments: [
    { name: 'text', about: 'The step that was done; - reads it from standard input' },
    { name: 'progress', about: 'Progress, 0 to 100', optional: true },
  ],
  options: {
    tag: { about: 'A word to find it by', value: 'word', many: true },
    next: { about: 'A next step', value: 'text', many: true },
    goal: { about: 'Replaces the goal of the session', value: 'text' },
  },
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { text, progress }, { tag, next, goal }) =>
    recordOnCurrent(
      context,
      (session, opened) =>
        session.update(readText(context, text), {
          ...signCall(context, opened),
          ...(progress === undefined ? {} : { progress: parseProgress(progress) }),
          ...(tag === undefined ? {} : { tags: tag }),
          ...(next === undefined ? {} : { nextSteps: next }),
          ...(goal === undefined ? {} : { goal }),
        }),
      ({ session }) => `Updated, ${session.progress} %`,
    ),
})
