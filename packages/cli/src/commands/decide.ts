import { defineCommand } from '../command.ts'
import { makeRecordedShape, readText, recordOnCurrent, signCall } from '../recording.ts'

export const decide = defineCommand({
  name: 'decide',
  aliases: ['d'],
  group: 'Record',
  about: 'Records a decision',
  examples: ['sessionwire decide "Lock per invoice" --why "Two webhooks arrive within milliseconds"'],
  uses: 'recording',
  arguments: [{ name: 'text', about: 'The decision; - reads it from standard input' }],
  options: {
    why: { about: 'The reason', value: 'text' },
    alternative: { about: 'An alternative that was considered', value: 'text', many: true },
    impact: { about: 'The consequences', value: 'text' },
    category: { about: 'A word for its kind', value: 'word' },
    supersedes: { about: 'Id of the earlier decision that no longer holds', value: 'id' },
    about: { about: 'Name of an entity it concerns', value: 'name', many: true },
  },
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { text }, { why, alternative, impact, category, supersedes, about }) =>
    recordOnCurrent(
      context,
      (session, opened) =>
        session.decide(readText(context, text), {
          ...signCall(context, opened),
          ...(why === undefined ? {} : { rationale: why }),
          ...(alternative === undefined ? {} : { alternatives: alternative }),
          ...(impact === undefined ? {} : { impact }),
          ...(category === undefined ? {} : { category }),
          ...(supersedes === undefined ? {} : { supersedes }),
          ...(about === undefined ? {} : { relatedEntities: about }),
        }),
      () => 'Decided',
      true,
    ),
})
