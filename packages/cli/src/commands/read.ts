import { parseInput, schemaOf } from '../action-input.ts'
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
    const text = json === undefined ? undefined : readText(context, json)
    const input = parseInput(words, text, schemaOf(opened.adapters, adapter, action))
    const result: unknown = await opened.tracker.read(adapter, action, input as never)
    return { data: { adapter, action, result }, text: showJson(result) }
  },
})
