import { defineCommand } from '../command.ts'
import { paint, showLine } from '../io.ts'

export const config = defineCommand({
  name: 'config',
  group: 'Set up',
  about: 'Shows every value of the configuration and where it comes from',
  more: ['The strongest layer wins: flag, environment, project file, user file, default.'],
  uses: 'workspace',
  options: { schema: { about: 'Prints the JSON Schema of a configuration file instead' } },
  json: z =>
    z.strictObject({
      root: z.string(),
      file: z.nullable(z.string()),
      trust: z.string(),
      store: z.string(),
      data: z.string(),
      values: z.array(
        z.strictObject({ path: z.string(), value: z.unknown(), layer: z.string(), where: z.string() }),
      ),
      schema: z.optional(z.record(z.string(), z.unknown())),
    }),
  run: async (context, _, { schema }) => {
    const { io } = context
    const { root, file = null, trust, store, data, origins } = await context.read()
    const { DEFAULT_CAPTURE, DEFAULT_RECALL } = (await import('../engine.ts')).hosts
    const known = new Set(origins.map(({ path }) => path))
    const defaults = Object.entries({ capture: DEFAULT_CAPTURE, recall: DEFAULT_RECALL }).flatMap(
      ([section, values]) =>
        Object.entries(values).map(([name, value]: readonly [string, unknown]) => ({
          ...{ path: `${section}.${name}`, value, layer: 'default' as const, where: '' },
        })),
    )
    const values = [...origins, ...defaults.filter(({ path }) => !known.has(path))].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    )
    // An address may hold a password.
    const shown = store.replace(/:\/\/[^@/]*@/, '://…@')
    const found = {
      root,
      file,
      trust,
      store: shown,
      data,
      values: values.map(each => (each.path === 'store' ? { ...each, value: shown } : each)),
    }
    if (schema) {
      const { configJsonSchema } = (await import('../engine.ts')).schema
      const made = configJsonSchema() as Record<string, unknown>
      return { data: { ...found, schema: made }, text: JSON.stringify(made, undefined, 2) }
    }
    const width = Math.max(...values.map(({ path }) => path.length))
    return {
      data: found,
      text: [
        `workspace  ${root}`,
        `file       ${file === null ? 'none' : `${file} (${trust})`}`,
        `store      ${shown}`,
        `data       ${data}`,
        '',
        ...found.values.map(
          ({ path, value, layer, where }) =>
            `${path.padEnd(width)}  ${showLine(JSON.stringify(value) ?? '', 80)}  ${paint(io, 'dim', where === '' ? layer : `${layer}: ${showLine(where, 200)}`)}`,
        ),
      ],
    }
  },
})
