import { isTrackerError, type Receipt, type SessionHandle } from '@sessionwire/core'
import { defineCommand } from '../command.ts'
import { sayDelivered } from '../deliver.ts'
import {
  finish,
  makeRecordedShape,
  mustHaveSession,
  nameSession,
  parseLinks,
  signCall,
} from '../recording.ts'

type Refs = Readonly<Record<string, string>>

const isAddress = (value: string): boolean => /^https?:\/\//i.test(value)

/** Whether the adapter made a card of its own before, which can work on nothing else. */
const hasCard = (thrown: unknown, adapter: string): boolean =>
  isTrackerError(thrown) && thrown.code === 'INVALID_INPUT' && thrown.field === `mirror.refs.${adapter}`

/** Notes items in addition to the card that is there. */
const noteItems = async (
  session: SessionHandle,
  adapter: string,
  refs: Refs,
  call: ReturnType<typeof signCall>,
): Promise<Receipt> => {
  let last: Receipt = { recorded: false }
  for (const [kind, value] of Object.entries(refs))
    last = await session.entity({
      ...call,
      ...(call.key === undefined ? {} : { key: `${call.key}/${adapter}/${kind}` }),
      ...{ name: value, type: kind, properties: { adapter } },
      ...(isAddress(value) ? { path: value } : {}),
    })
  return last
}

export const link = defineCommand({
  name: 'link',
  group: 'Record',
  about: 'Takes up an item of a service that the session works on',
  more: [
    'The card, the comments and the progress of the session follow in that item, as if it had been given to `sessionwire start --link`, and no other item is made. Where the session has a card in that service already, the item is noted as something that it touched.',
  ],
  examples: [
    'sessionwire link jira=BIL-212',
    'sessionwire link slack=https://example.slack.com/archives/C1/p2',
  ],
  uses: 'recording',
  arguments: [{ name: 'item', about: 'adapter=key, or adapter.kind=key', many: true }],
  json: z =>
    z.strictObject({
      ...makeRecordedShape(z),
      refs: z.record(z.string(), z.record(z.string(), z.string())),
      adopted: z.array(z.string()),
      noted: z.array(z.string()),
    }),
  run: async (context, { item }) => {
    const opened = await context.open()
    const { id, by } = await mustHaveSession(opened)
    const refs = parseLinks(item, opened.adapters, 'item')
    const session = opened.tracker.session(id)
    const adopted: string[] = []
    const noted: string[] = []
    let receipt: Receipt = { recorded: false }
    for (const [adapter, own] of Object.entries(refs))
      try {
        adopted.push(...(await session.mirror(undefined, { refs: { [adapter]: own } })).adapters)
      } catch (thrown) {
        if (!hasCard(thrown, adapter)) throw thrown
        receipt = await noteItems(session, adapter, own, signCall(context, opened))
        noted.push(adapter)
      }
    const data = await finish(context, opened, by, id, receipt)
    const nameItems = (adapter: string): string => Object.values(refs[adapter] ?? {}).join(', ')
    const known = Object.keys(refs).filter(each => !adopted.includes(each) && !noted.includes(each))
    return {
      data: { ...data, recorded: data.recorded || adopted.length > 0, refs, adopted, noted },
      text: [
        `Linked: ${nameSession(context, data.session)}`,
        ...adopted.map(each => `Works on ${each} ${nameItems(each)}`),
        ...known.map(each => `Works on ${each} ${nameItems(each)} already`),
        ...noted.map(
          each => `Noted ${each} ${nameItems(each)}: this session has a card of its own in ${each}`,
        ),
        ...sayDelivered(data.delivery),
      ],
    }
  },
})
