import * as z from 'zod/mini'
import type { AnyCommand } from './command.ts'

/** The JSON Schema of the object that `--json` prints. Not part of the program: the manual and tests are made from it. */
export const outputSchemaOf = ({ json }: AnyCommand): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(json(z) as z.ZodMiniType) as Record<string, unknown>
