import type { FailureCode, Reply } from '../descriptor/outcome.ts'

/** A reply of its own kind: nothing came back. */
export type Failure = Extract<Reply, { kind: 'failure' }>

/** Makes one; `sent: 'no'` only when not one byte of the request can have left. */
export const failure = (code: FailureCode, sent: 'no' | 'perhaps', reason: string): Failure => ({
  kind: 'failure',
  sent,
  code,
  reason,
})
