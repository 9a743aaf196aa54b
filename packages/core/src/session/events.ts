import type { Json, Severity } from './schema.ts'

/** Every hook, in the order of a session's life. */
export const HOOKS = [
  'init',
  'start',
  'update',
  'decision',
  'entity',
  'blocker',
  'resolve',
  'close',
  'resume',
  'export',
] as const
/** The moment one subscribes to. */
export type Hook = (typeof HOOKS)[number]

/** Formats of `export`. */
export type ExportFormat = 'json' | 'markdown' | 'context'

/** What an event of each hook carries: checked, complete, with defaults filled in. */
export type HookPayloads = Readonly<{
  /** Before anything else, once per store and configuration: for what an adapter sets up in its service. */
  init: Readonly<{
    /** The tracker's project. */
    project: string
    /** The adapter's name in the tracker. */
    adapter: string
    /** Hash of its configuration, without mode and names of secrets. */
    configuration: string
    /** Version of `@sessionwire/core` that wrote it. */
    coreVersion: string
  }>
  /** A session begins. */
  start: Readonly<{
    /** What it belongs to. */
    project: string
    /** Who works. */
    user: string
    /** What works for the user, as in `Claude`. */
    agent?: string
    /** What is to be reached. */
    goal?: string
    /** In percent: 0 to 100, whole. */
    progress: number
    /** The session this one is a part of. */
    parentId?: string
    /** The session this one follows. */
    previousId?: string
    /** What exists already, by `<adapter>.<name>`; empty when nothing was handed over. */
    refs: Readonly<Record<string, string>>
    /** What `start` was given, as JSON; empty when nothing was. */
    metadata: Readonly<Record<string, Json>>
  }>
  /** A step was done. */
  update: Readonly<{
    /** What was done. */
    description: string
    /** In percent: 0 to 100, whole. Absent: as it was. */
    progress?: number
    /** Words to find it by; empty when none were given. */
    tags: readonly string[]
    /** What is to be done next. Absent: nothing was said of it. */
    nextSteps?: readonly string[]
  }>
  /** A choice was made. */
  decision: Readonly<{
    /** What `supersedes` of a later decision names. */
    decisionId: string
    /** What was chosen. */
    content: string
    /** Why. */
    rationale?: string
    /** What else was considered; empty when nothing was given. */
    alternatives: readonly string[]
    /** What follows from it. */
    impact?: string
    /** A word for its kind. */
    category?: string
    /** The `decisionId` of an earlier decision of this session that no longer holds. */
    supersedes?: string
    /** Names of what it concerns; empty when none were given. */
    relatedEntities: readonly string[]
  }>
  /** The work touched something. */
  entity: Readonly<{
    /** What it is called. */
    name: string
    /** A word for what it is: file, class, pull request, pipeline. */
    type: string
    /** Where it is: a file's path or a web address. */
    path?: string
    /** What it is for. */
    description?: string
    /** What else was given, as JSON; empty when nothing was. */
    properties: Readonly<Record<string, Json>>
  }>
  /** Something is in the way. */
  blocker: Readonly<{
    /** What `resolve` names. */
    blockerId: string
    /** What is in the way. */
    description: string
    /** A word for where it comes from; `general` when none was given. */
    category: string
    /** How much it hinders; `medium` when nothing was given. */
    severity: Severity
  }>
  /** A blocker went away; may come after `close`. */
  resolve: Readonly<{
    /** Which one: a blocker of the same session. */
    blockerId: string
    /** How it went away. */
    resolution?: string
  }>
  /** The session ends. A `resume` may follow unless `end` is `completed`. */
  close: Readonly<{
    /** `completed`: by hand. `crashed`, `abandoned`: by hand too, or because its writer left it. */
    end: 'completed' | 'crashed' | 'abandoned'
    /** What came of it. */
    summary?: string
    /** In percent: 0 to 100, whole. Absent: as it was. */
    progress?: number
    /** From its start to this event, ms; never below 0. */
    durationMs: number
  }>
  /** Something was recorded on a session that had crashed or was abandoned; comes before that event. */
  resume: Readonly<{
    /** What was recorded, and how the session had ended. */
    reason: string
  }>
  /** Somebody asked for an export; may come after `close`, any number of times. */
  export: Readonly<{
    /** What `content` is. */
    format: ExportFormat
    /**
     * The text, cut at 128 KiB with a note (32 KiB where escaping makes it too long); the caller got all of
     * it.
     */
    content: string
  }>
}>

/** Newest version of the payloads above; older stored events are lifted to it by `upcast`. */
export const EVENT_VERSION = 1

/**
 * One stored fact. `sequence` counts from 1 within its session; an `init` event has the lane `init` and no
 * session.
 */
export type SessionEvent<H extends Hook = Hook> = {
  [K in H]: Readonly<{
    /** Unique in the store; keys of what it plans begin with it. */
    id: string
    /** The session's id, or `init`. */
    sessionId: string
    /** Counts from 1 within its session, without gaps. */
    sequence: number
    /** ISO 8601, UTC, milliseconds. */
    time: string
    /** Version of the payload; `EVENT_VERSION` once it was read. */
    version: number
    /** The hook it belongs to. */
    type: K
    /** What was recorded, with defaults filled in. */
    payload: HookPayloads[K]
  }>
}[H]

/** The lane and `sessionId` of an adapter's own `init` events. */
export const INIT_LANE = 'init'
