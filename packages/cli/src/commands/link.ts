import { defineCommand } from '../command.ts'
import { callOf, makeRecordedShape, parseLinks, recordOnCurrent } from '../recording.ts'

const isAddress = (value: string): boolean => /^https?:\/\//i.test(value)

export const link = defineCommand({
  name: 'link',
  group: 'Record',
  about: 'Notes an item of a service that the session works on',
  more: [
    'An adapter adopts an item when the session begins: `sessionwire start --link jira=BIL-212`, or by the name of the branch. Later the session has a card of its own, and the item is noted as something that it touched.',
  ],
  examples: [
    'sessionwire link jira=BIL-212',
    'sessionwire link slack=https://example.slack.com/archives/C1/p2',
  ],
  uses: 'recording',
  arguments: [{ name: 'item', about: 'adapter=key, or adapter.kind=key', many: true }],
  json: z =>
    z.strictObject({ ...makeRecordedShape(z), refs: z.record(z.string(), z.record(z.string(), z.string())) }),
  run: async (context, { item }) => {
    let refs: Readonly<Record<string, Readonly<Record<string, string>>>> = {}
    const result = await recordOnCurrent(
      context,
      async (session, { adapters }) => {
        refs = parseLinks(item, adapters)
        const items = Object.entries(refs).flatMap(([adapter, values]) =>
          Object.entries(values).map(([kind, value]) => ({ adapter, kind, value })),
        )
        let last: Awaited<ReturnType<typeof session.entity>> = { recorded: false }
        for (const { adapter, kind, value } of items)
          last = await session.entity({
            ...callOf(context),
            name: value,
            type: kind,
            properties: { adapter },
            ...(isAddress(value) ? { path: value } : {}),
          })
        return last
      },
      () => 'Noted',
    )
    return { ...result, data: { ...result.data, refs } }
  },
})
