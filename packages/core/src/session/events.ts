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
  init: Readonly<{ project: string; adapter: string; configuration: string; coreVersion: string }>
  start: Readonly<{
    project: string
    user: string
    agent?: string
    goal?: string
    progress: number
    parentId?: string
    previousId?: string
    refs: Readonly<Record<string, string>>
    metadata: Readonly<Record<string, Json>>
  }>
  update: Readonly<{
    description: string
    progress?: number
    tags: readonly string[]
    nextSteps?: readonly string[]
  }>
  decision: Readonly<{
    decisionId: string
    content: string
    rationale?: string
    alternatives: readonly string[]
    impact?: string
    category?: string
    supersedes?: string
    relatedEntities: readonly string[]
  }>
  entity: Readonly<{
    name: string
    type: string
    path?: string
    description?: string
    properties: Readonly<Record<string, Json>>
  }>
  blocker: Readonly<{ blockerId: string; description: string; category: string; severity: Severity }>
  resolve: Readonly<{ blockerId: string; resolution?: string }>
  close: Readonly<{
    end: 'completed' | 'crashed' | 'abandoned'
    summary?: string
    progress?: number
    durationMs: number
  }>
  resume: Readonly<{ reason: string }>
  export: Readonly<{ format: ExportFormat; content: string }>
}>

/** Newest version of the payloads above; older stored events are lifted to it by `upcast`. */
export const EVENT_VERSION = 1

/** One stored fact. `sequence` counts from 1 within its session; an `init` event has the lane `init` and no session. */
export type SessionEvent<H extends Hook = Hook> = {
  [K in H]: Readonly<{
    id: string
    sessionId: string
    sequence: number
    /** ISO 8601, UTC, milliseconds. */
    time: string
    version: number
    type: K
    payload: HookPayloads[K]
  }>
}[H]

/** The lane and `sessionId` of an adapter's own `init` events. */
export const INIT_LANE = 'init'
