import { toJSONSchema } from 'zod/mini'

/** The JSON Schema of an action's input, as people and models write it. Loaded where a command lists actions. */
export const toInputSchema = (input: unknown): Readonly<Record<string, unknown>> =>
  toJSONSchema(input as never, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>
