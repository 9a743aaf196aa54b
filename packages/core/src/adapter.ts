/**
 * The contract an adapter is written against, and the small pieces every adapter needs. Nothing here sends.
 * @module adapter
 */

export {
  type Card,
  card,
  type Entry,
  entry,
  type Row,
  tellStanding,
} from './adapter/card.ts'
export {
  type CardContext,
  type CardPolicy,
  cardHooks,
  type SessionEnd,
  type Steps,
} from './adapter/card-hooks.ts'
export {
  address,
  type Secrets,
  STATUS_MOMENTS,
  type StatusMoment,
  statusOption,
  type Ways,
} from './adapter/common.ts'
export { continueAs } from './adapter/continue-as.ts'
export type {
  Actions,
  Adapter,
  AnyAdapter,
  At,
  Hooks,
  Known,
  Limits,
  LinkChange,
  LinkHook,
  Mode,
  Probe,
  Rate,
  Step,
} from './adapter/contract.ts'
export { defineAdapter } from './adapter/define.ts'
export type {
  AdapterFactory,
  ConfigOf,
  Conflicts,
  Definition,
  OptionsOf,
  Shape,
} from './adapter/definition.ts'
export { type Environment, environment } from './adapter/environment.ts'
export { httpOutcome, quote, retryAfterMs, untilMs } from './adapter/http-outcome.ts'
export { type Judge, type Meaning, type OutcomeTable, readOutcome } from './adapter/outcome-table.ts'
export {
  type About,
  type Action,
  action,
  type CaptureNames,
  type Effect,
  type Matched,
  plan,
  type Read,
  read,
  step,
} from './adapter/plan.ts'
export { type Provenance, provenance, provenanceText, replaceCard, wrapCard } from './adapter/provenance.ts'
export type {
  AttemptTime,
  Auth,
  Call,
  Capture,
  Captures,
  Coalesce,
  CustomCall,
  Descriptor,
  Draft,
  Encoding,
  HttpCall,
  Link,
  Lookup,
  Method,
  Next,
  Reconcile,
  Ref,
  Repeat,
  SecretRef,
  Sent,
  Where,
} from './descriptor/descriptor.ts'
export { uuidFrom } from './descriptor/digest.ts'
export {
  linkTitle,
  showValue,
  soughtBy,
  writeLine,
} from './descriptor/fields.ts'
export { type Guarantee, guarantee } from './descriptor/guarantee.ts'
export type { Answer, FailureCode, Outcome, Reply, Role, SentCall } from './descriptor/outcome.ts'
export { at, type Found } from './descriptor/pointer.ts'
export {
  type Fields,
  fieldsOf,
  isFields,
  notSet,
  omitUndefined,
  type Slot,
  slotOf,
} from './descriptor/refs.ts'
export type { Renderer, Renderers, Variables } from './descriptor/renderer.ts'
export { originOf, reachOf } from './descriptor/wire.ts'
export { countItems, cutItems, fit, limitJson } from './render/bounded.ts'
export {
  createMarkdown,
  type Dialect,
  type Markdown,
  type MarkdownText,
  type Writing,
} from './render/markdown.ts'
export { isTrackerError, TrackerError } from './session/errors.ts'
export type { SessionEvent } from './session/events.ts'
export { HOOKS } from './session/events.ts'
export { checkInput } from './session/fields.ts'
export { describe, failure, invalidConfig, invalidInput, message, type Problem } from './session/message.ts'
export type {
  Author,
  End,
  ExportFormat,
  Hook,
  HookPayloads,
  Json,
  MessageRole,
  SessionStatus,
  Severity,
  Usage,
} from './session/schema.ts'
export type {
  Blocker,
  Decision,
  Entity,
  Message,
  Session,
  SessionSummary,
  Update,
} from './session/session.ts'
export { namePeople, openBlockers, parseRef, refOf, standingDecisions } from './session/session.ts'
export { cleanText, formatDuration, isVisible, lines, oneLine, shorten, titleOf } from './session/text.ts'
export { lineInput, markdownInput } from './session/text-input.ts'
export {
  type Rim,
  type SecretSource,
  type Sending,
  type Signer,
  type Signing,
  startDeadline,
  type Transport,
  type TransportFactory,
  wrongSecret,
} from './transport/contract.ts'
export type { IssuedRedactor } from './transport/issued.ts'
export { createLogin, type Issued, type Login, readSecretValues } from './transport/login.ts'
export { createRedactor, type Redactor } from './transport/redact.ts'
