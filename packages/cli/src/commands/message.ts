import { defineCommand } from '../command.ts'
import { callOf, makeRecordedShape, readText, recordOnCurrent } from '../recording.ts'

type Role = 'user' | 'assistant' | 'system' | 'tool'

export const message = defineCommand({
  name: 'message',
  group: 'Record',
  about: 'Records a message of the conversation; it is mirrored nowhere',
  uses: 'recording',
  arguments: [{ name: 'text', about: 'The message; - reads it from standard input' }],
  options: {
    role: {
      about: 'Its author (default user)',
      value: 'role',
      choices: ['user', 'assistant', 'system', 'tool'],
    },
    name: { about: 'Name of its author or tool', value: 'name' },
    model: { about: 'The model that wrote it', value: 'name' },
  },
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { text }, { role = 'user', name, model }) =>
    recordOnCurrent(
      context,
      session =>
        session.message(role as Role, readText(context, text), {
          ...callOf(context),
          ...(name === undefined ? {} : { name }),
          ...(model === undefined ? {} : { model }),
        }),
      () => 'Recorded',
    ),
})
