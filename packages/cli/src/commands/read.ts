import { parseInput } from '../action-input.ts'
import { defineCommand } from '../command.ts'
import { showJson } from '../io.ts'
import { readText } from '../recording.ts'

export const read = defineCommand({
  name: 'read',
  group: 'Services',
  about: 'Reads from a service, now',
  examples: ['sessionwire read jira searchIssues query="project = ENG"'],
  uses: 'workspace',
  arguments: [
    { name: 'adapter', about: 'Its name' },
    { name: 'action', about: 'The read' },
    { name: 'input', about: 'key=value', optional: true, many: true },
  ],
  options: { input: { about: 'The input as a JSON object; - reads standard input', value: 'json' } },
  json: z => z.strictObject({ adapter: z.string(), action: z.string(), result: z.unknown() }),
  run: async (context, { adapter, action, input: words = [] }, { input: json }) => {
    const opened = await context.open()
    const found = opened.adapters.find(({ name }) => name === adapter)
    const schema = (found?.actions as Readonly<Record<string, Readonly<{ input?: unknown }>>> | undefined)?.[
      action
    ]?.input
    const input = parseInput(words, json === undefined ? undefined : readText(context, json), schema)
    const result: unknown = await opened.tracker.read(adapter, action, input as never)
    return { data: { adapter, action, result }, text: showJson(result) }
  },
})
