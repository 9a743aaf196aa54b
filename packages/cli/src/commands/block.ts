import { defineCommand } from '../command.ts'
import { makeRecordedShape, readText, recordOnCurrent, signCall } from '../recording.ts'

export const block = defineCommand({
  name: 'block',
  aliases: ['b'],
  group: 'Record',
  about: 'Records a blocker',
  examples: ['sessionwire block "No access to the staging key" --severity high'],
  uses: 'recording',
  arguments: [{ name: 'text', about: 'The obstacle; - reads it from standard input' }],
  options: {
    severity: {
      about: 'How much it hinders (default medium)',
      value: 'severity',
      choices: ['low', 'medium', 'high', 'critical'],
    },
    category: { about: 'A word for where it comes from', value: 'word' },
    about: { about: 'Name of an entity it concerns', value: 'name', many: true },
  },
  json: z => z.strictObject({ ...makeRecordedShape(z), blocker: z.string() }),
  run: async (context, { text }, { severity, category, about }) => {
    let blocker = ''
    const { data, text: lines } = await recordOnCurrent(
      context,
      async (session, opened) => {
        const receipt = await session.block(readText(context, text), {
          ...signCall(context, opened),
          ...(severity === undefined ? {} : { severity: severity as 'low' | 'medium' | 'high' | 'critical' }),
          ...(category === undefined ? {} : { category }),
          ...(about === undefined ? {} : { relatedEntities: about }),
        })
        blocker = receipt.id
        return receipt
      },
      () => 'Blocked',
      true,
    )
    return { data: { ...data, blocker }, text: [...lines, `Resolve it with: sessionwire resolve ${blocker}`] }
  },
})
