import type { Rate } from '../adapter/contract.ts'
import type { LaneState } from '../delivery/model.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Json, MessageRole, SessionStatus } from '../session/schema.ts'
import type { Message, SessionSummary } from '../session/session.ts'

/** A session as stored, and how far each of its open lanes is planned. */
export type StoredSession = Readonly<{
  /** As it was after its newest event. */
  summary: SessionSummary
  /** By adapter; empty when nothing mirrors it. */
  lanes: readonly LaneState[]
}>

/** An event that was recorded with a key. */
export type KnownKey = Readonly<{
  /** As stored. */
  event: SessionEvent
  /** Digest of the input it was recorded with. */
  digest: string
}>

/** Which messages; newest first. */
export type MessageFilter = Readonly<{
  /** Only those of this session. Default: all. */
  sessionId?: string | undefined
  /** Only those of sessions of this project. Default: all. */
  project?: string | undefined
  /** Only those of this role. Default: all. */
  role?: MessageRole | undefined
  /** Only those that happened at this time or later, epoch ms. Default: all. */
  since?: number | undefined
  /** Only those behind the one this names: `cursor` of the page before. Default: the first page. */
  cursor?: string | undefined
  /** Default 100. */
  limit?: number | undefined
}>

/** A page of messages. */
export type MessagePage = Readonly<{
  /** Newest first. */
  messages: readonly Message[]
  /** Names the next page. Absent: there is none. */
  cursor?: string
}>

/** Which sessions a search gives; newest first by their last event. */
export type SearchFilter = Readonly<{
  /** Only sessions that have all of them, as `narrow` gives them. Empty: every session. */
  words: readonly string[]
  /** Only sessions of this project. Default: all. */
  project?: string | undefined
  /** Only those behind the one this names: `cursor` of the page before. Default: the first page. */
  cursor?: string | undefined
  /** Default 100. */
  limit?: number | undefined
}>

/** A page of a search. */
export type SearchPage = Readonly<{
  /** Newest first by their last event; of one moment, the one stored later first. */
  sessions: readonly Readonly<{
    /** The session's id. */
    id: string
    /** When its last event was stored, epoch ms. */
    lastEventAt: number
  }>[]
  /** Names the next page. Absent: there is none. */
  cursor?: string
}>

/** The rows that `erase` writes in place of the stored ones. */
export type Erasure = Readonly<{
  /** The session's row afterwards. */
  summary: SessionSummary
  /** Events without their texts; each takes the place of the one of its sequence. */
  events: readonly SessionEvent[]
  /** Deliveries that lose their descriptors and reasons, if they are settled. */
  keys: readonly string[]
}>

/** Which sessions; newest first. */
export type SessionFilter = Readonly<{
  /** Only those of this project. Default: all. */
  project?: string
  /** Only those of this user. Default: all. */
  user?: string
  /** Only those of this agent. Default: all. */
  agent?: string
  /** Only those that stand so. Default: all. */
  status?: SessionStatus
  /** Only those that were started for this workspace. Default: all. */
  workspace?: string
  /** Only those that were started on this machine. Default: all. */
  machine?: string
  /** Only those that started at this time or later, epoch ms. Default: all. */
  since?: number
  /** False: only those that were started with `mirror: false`. True: only the others. Default: all. */
  mirror?: boolean
  /** Only those that have no open lane of this adapter. Default: all. */
  withoutLane?: string
  /** Default 100. */
  limit?: number
}>

/** A captured value. */
export type Captured = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** As the descriptor captures it. */
  name: string
  /** The first value that came; later ones are ignored. */
  value: Json
  /** Key of the delivery it came from. */
  key: string
}>

/** A place in a limit that a read takes. */
export type Draw = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** As the call names it. */
  limit: string
  /** The rate that the adapter declares for it. */
  rate: Rate
  /**
   * The place is taken until the read has ended and a whole window after it, since the service may get it at any time until
   * then. Absent: it counts as a call of this moment.
   */
  read?: Readonly<{
    /** A name that no other read has. */
    id: string
    /** How long after the draw it has surely ended, ms. */
    lastsMs: number
  }>
  /** The name of a read that ended now: nothing is drawn, and the answer is 0. */
  ended?: string
}>
