import type { OperationContext, Result } from '../operations/operation.ts'

/** A tool as a client is shown it, and what it does. */
export type Tool = Readonly<{
  /** Its name: letters, digits, `_`, `-` and `.`. */
  name: string
  /** What it does, in a sentence for a model. */
  description: string
  /** JSON Schema of its arguments. */
  input: Readonly<Record<string, unknown>>
  /** Hints for the client. */
  annotations: Readonly<{
    readOnlyHint?: boolean
    destructiveHint?: boolean
    idempotentHint?: boolean
    openWorldHint?: boolean
  }>
  /** Does it. Throws `TrackerError` and `OperationError`. */
  run: (context: OperationContext, input: unknown) => Promise<Result>
  /** The result in a sentence or two. */
  say: (result: Result) => string
}>
