import type { Json } from '../session/schema.ts'

/**
 * What came back. `answer`: the service spoke; `body` is the parsed JSON, or the text where it is none. Header names
 * are lower case. `failure`: no answer; `sent` says whether the request may have left this machine.
 */
export type Reply =
  | Readonly<{ kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; body: Json }>
  | Readonly<{ kind: 'failure'; sent: 'no' | 'perhaps'; code: FailureCode; reason: string }>

/** Why there was no answer. `secret`: a secret is not set; `config`: the call cannot be sent as it stands. */
export type FailureCode = 'refused' | 'timeout' | 'reset' | 'aborted' | 'secret' | 'config' | 'too-large'

/** For what a call was sent. */
export type Role = 'call' | 'look-up' | 'check'

/**
 * What a try meant. `delivered`: applied. `rejected`: not applied, and never will be as it stands (`gone`: the card it
 * speaks of was deleted). `denied`: the credential. `retry`: surely not applied. `unknown`: perhaps applied.
 * `waitMs`: how long the service asked to wait. `throttled`: pauses the limit. `down`: the service as a whole failed.
 */
export type Outcome =
  | Readonly<{ kind: 'delivered'; empty?: true }>
  | Readonly<{ kind: 'rejected'; reason: string; gone?: true }>
  | Readonly<{ kind: 'denied'; reason: string }>
  | Readonly<{ kind: 'retry'; reason: string; waitMs?: number; throttled?: true; down?: true }>
  | Readonly<{ kind: 'unknown'; reason: string; waitMs?: number; down?: true }>
