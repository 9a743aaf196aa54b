/**
 * Tracks the work of an agent or a person as a session, and mirrors it into the tools of the team.
 * @module index
 */
export type { Check, Stats } from './delivery/runner.ts'
export type { Drained } from './delivery/worker.ts'
export type { Channel, DiagnosticsCalls, DiagnosticsMessages } from './diagnostics/messages.ts'
export type { Recall, RecallKind, RecallLine } from './export/recall.ts'
export type {
  ActEvent,
  Acted,
  ActOptions,
  Backfilled,
  BackfillOptions,
  BackfillProgress,
  Blocked,
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  EventsOptions,
  ExportOptions,
  Filter,
  Forgotten,
  MessageInput,
  MessagesOptions,
  MirrorOptions,
  MirrorResult,
  NotRecorded,
  Previewed,
  RecallOptions,
  Receipt,
  Recorded,
  ResolveInput,
  ResumeInput,
  SessionsOptions,
  StartInput,
  Swept,
  UpdateInput,
} from './recorder/calls.ts'
export { createEmitter, type Emitter, type Logger, type RecorderEvents } from './recorder/context.ts'
export type { Recorder, RecorderOptions } from './recorder/contract.ts'
export { createRecorder } from './recorder/recorder.ts'
export { type ErrorCode, isTrackerError, TrackerError } from './session/errors.ts'
export type { SessionEvent } from './session/events.ts'
export type { PointInTime } from './session/fields.ts'
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
export type { MessageFilter, MessagePage, SessionFilter } from './store/contract.ts'
export { memoryStore } from './store/memory.ts'
export type { ActedAction, DeliveredAction, SettledAction, WaitOptions } from './tracker/act.ts'
export type { HandReply, PauseInput, Taken } from './tracker/by-hand.ts'
export type { DrainOptions, DrainProgress, ForgetOptions } from './tracker/call-options.ts'
export type { SessionCard } from './tracker/cards.ts'
export type { AdapterCheck, ProbeCheck } from './tracker/check.ts'
export type { Tracker, TrackerEvents } from './tracker/contract.ts'
export type { TrackerOptions } from './tracker/options.ts'
export type { BlockReceipt, RedactOptions, SessionHandle, StartedSession } from './tracker/recording.ts'
export type { Settled } from './tracker/settled.ts'
export type { AdapterStatus, LastCheck, Status } from './tracker/status.ts'
export type {
  ActionsOf,
  AdapterName,
  AdapterOf,
  CaptureOf,
  InputOf,
  Listed,
  OutputOf,
  ReadName,
  RefName,
  RefsOf,
  StartOf,
  WriteName,
} from './tracker/typed.ts'
export { createTracker } from './tracker.ts'
