import type { Json } from '../session/schema.ts'
import type { Call } from './descriptor.ts'

/**
 * The result of sending a call. `answer`: the service spoke; `body` is the parsed JSON, or the text where it is not JSON. Header names
 * are lower case. `failure`: no answer; `sent` says whether the request may have left this machine.
 */
export type Reply =
  | Readonly<{
      kind: 'answer'
      /** HTTP status, or one that means the same where the adapter's transport speaks otherwise. */
      status: number
      /** By lower-case name. */
      headers: Readonly<Record<string, string>>
      /** Parsed JSON, or the text where it is not JSON; an empty body is an empty string. */
      body: Json
    }>
  | Readonly<{
      kind: 'failure'
      /** `no`: surely nothing left this machine, so it may be sent again. `perhaps`: it may have been applied. */
      sent: 'no' | 'perhaps'
      /** The kind of failure. */
      code: FailureCode
      /** For people, without any secret's value. */
      reason: string
    }>

/** Why there was no answer. `secret`: a secret is not set; `config`: the call cannot be sent as it stands. */
export type FailureCode = 'refused' | 'timeout' | 'reset' | 'aborted' | 'secret' | 'config' | 'too-large'

/** A reply of the service. */
export type Answer = Extract<Reply, { kind: 'answer' }>

/** The purpose of a call. */
export type Role = 'call' | 'look-up' | 'check'

/** The request that a reply answers. */
export type SentCall = Readonly<{
  /** Name of the action or of the step of a hook. */
  action: string
  /** Its purpose. */
  role: Role
  /** The request itself. */
  call?: Call
}>

/**
 * The meaning of a reply. `delivered`: applied. `rejected`: not applied, and never will be as it stands (`gone`: the card it
 * speaks of was deleted). `denied`: the credential. `retry`: surely not applied. `unknown`: perhaps applied.
 * `waitMs`: how long the service asked to wait. `throttled`: pauses the limit. `down`: the service as a whole failed.
 */
export type Outcome =
  | Readonly<{
      kind: 'delivered'
      /** A look-up was answered that there is nothing (404): an empty list. */
      empty?: true
    }>
  | Readonly<{
      kind: 'rejected'
      /** For people: the service's own words, cut by the worker at 500 characters, with secrets redacted. */
      reason: string
      /** The card was deleted by a person: the lane stops until `recreateCard`. */
      gone?: true
      /**
       * The service says that something the call speaks of is not there (404, `not found`). Where the adapter declares
       * `cardLookups`, the worker asks for the card once: a card that is not there is `gone`, otherwise the rejection stands.
       */
      missing?: true
    }>
  | Readonly<{
      kind: 'denied'
      /** For people: the service's own words, cut by the worker at 500 characters, with secrets redacted. */
      reason: string
    }>
  | Readonly<{
      kind: 'retry'
      /** For people: the service's own words, cut by the worker at 500 characters, with secrets redacted. */
      reason: string
      /** How long the service asked to wait, ms, at most a day. Default: backoff. */
      waitMs?: number
      /** Pauses the limit the call drew on, or the adapter when it named none; 30 s without `waitMs`. */
      throttled?: true
      /** The service as a whole failed; five in a row (`downAfter`) pause the adapter. */
      down?: true
    }>
  | Readonly<{
      kind: 'unknown'
      /** For people: the service's own words, cut by the worker at 500 characters, with secrets redacted. */
      reason: string
      /** How long the service asked to wait, ms, at most a day. Default: backoff. */
      waitMs?: number
      /** The service as a whole failed; five in a row (`downAfter`) pause the adapter. */
      down?: true
    }>
