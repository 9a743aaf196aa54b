import { parseInput, schemaOf } from '../action-input.ts'
import { defineCommand } from '../command.ts'
import { drainFor } from '../deliver.ts'
import { showJson, showLine } from '../io.ts'
import { readText } from '../recording.ts'
import { parseDuration } from '../time.ts'

export const act = defineCommand({
  name: 'act',
  group: 'Services',
  about: 'Calls an action of a service, durably',
  more: [
    'The call is stored first and survives this process. `sessionwire actions` lists actions with their input.',
  ],
  examples: ['sessionwire act jira addComment issue=ENG-1 body="Looks good"'],
  uses: 'recording',
  arguments: [
    { name: 'adapter', about: 'Its name' },
    { name: 'action', about: 'The action' },
    { name: 'input', about: 'key=value', optional: true, many: true },
  ],
  options: { input: { about: 'The input as a JSON object; - reads standard input', value: 'json' } },
  json: z =>
    z.strictObject({
      adapter: z.string(),
      action: z.string(),
      recorded: z.boolean(),
      key: z.optional(z.string()),
      state: z.optional(z.string()),
      known: z.optional(z.boolean()),
      captures: z.record(z.string(), z.unknown()),
      reason: z.optional(z.string()),
    }),
  run: async (context, { adapter, action, input: words = [] }, { input: json }) => {
    const { shared } = context
    const opened = await context.open()
    const text = json === undefined ? undefined : readText(context, json)
    const input = parseInput(words, text, schemaOf(opened.adapters, adapter, action))
    const session = shared.session === undefined ? undefined : (await opened.current())?.id
    const acted = await opened.tracker.act(adapter, action, input as never, {
      ...(session === undefined ? {} : { sessionId: session }),
      ...(shared.key === undefined ? {} : { key: shared.key }),
    })
    if (!acted.recorded)
      return { data: { adapter, action, recorded: false, captures: {} }, text: 'Left out by the filter.' }
    const timeoutMs = shared.wait === undefined ? 10_000 : parseDuration(shared.wait, '--wait')
    if (shared.deliver !== false) await drainFor(opened, timeoutMs)
    const settled = await opened.tracker.settled(acted.key, { timeoutMs: 0 })
    const { quoteWord } = (await import('../engine.ts')).hosts
    const captures = settled.captures as Readonly<Record<string, unknown>>
    return {
      data: {
        ...{
          adapter,
          action,
          recorded: true,
          key: acted.key,
          state: settled.state,
          known: acted.known,
          captures,
        },
        ...(settled.reason === undefined ? {} : { reason: settled.reason }),
      },
      text: [
        `${adapter}.${action}: ${settled.state}`,
        ...(settled.reason === undefined ? [] : [showLine(settled.reason, 300)]),
        ...(Object.keys(captures).length === 0 ? [] : [showJson(captures)]),
        ...(settled.state === 'planned' ? [`Send it with: sessionwire release ${quoteWord(acted.key)}`] : []),
      ],
      ...(settled.state === 'dead' ? { code: 4 } : {}),
    }
  },
})
