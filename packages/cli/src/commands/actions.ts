import { defineCommand } from '../command.ts'
import { configuration, usage } from '../failure.ts'
import { paint, showLine } from '../io.ts'

type Entry = Readonly<{ effect: string; input: unknown }>
type Property = Readonly<{ description?: string; type?: unknown }>
type InputSchema = Readonly<{ properties?: Readonly<Record<string, Property>>; required?: readonly string[] }>

export const actions = defineCommand({
  name: 'actions',
  group: 'Services',
  about: 'Lists what the adapters can do, with the input of each action',
  uses: 'workspace',
  arguments: [{ name: 'adapter', about: 'Only those of this adapter', optional: true }],
  json: z =>
    z.strictObject({
      actions: z.array(
        z.strictObject({
          adapter: z.string(),
          action: z.string(),
          effect: z.string(),
          input: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  run: async (context, { adapter }) => {
    const { io } = context
    const { toInputSchema } = (await import('../engine.ts')).actionSchema
    const { adapters } = await context.open({ tolerant: true })
    const chosen = adapters.filter(({ name }) => adapter === undefined || name === adapter)
    if (adapters.length === 0)
      throw configuration('No adapter is configured.', 'Make a configuration with: sessionwire init')
    if (chosen.length === 0)
      throw usage(
        `adapter: unknown adapter ${JSON.stringify(adapter)}; expected one of ${adapters.map(({ name }) => name).join(', ')}.`,
      )
    const found = chosen.flatMap(({ name, actions: all }) =>
      Object.entries(all as Readonly<Record<string, Entry>>)
        .map(([action, { effect, input }]) => ({
          adapter: name,
          action,
          effect,
          input: toInputSchema(input),
        }))
        .sort((a, b) => (a.action < b.action ? -1 : 1)),
    )
    const fields = ({ properties = {}, required = [] }: InputSchema): string =>
      Object.keys(properties)
        .map(name => (required.includes(name) ? `${name}=…` : `[${name}=…]`))
        .join(' ')
    return {
      data: { actions: found },
      text: found.map(
        each =>
          `${each.adapter} ${paint(io, 'bold', each.action)} ${paint(io, 'dim', each.effect)}  ${showLine(fields(each.input as InputSchema), 200)}`,
      ),
    }
  },
})
