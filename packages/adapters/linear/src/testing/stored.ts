import type { Json } from '@sessionwire/core/adapter'
import type { Stored } from './lists.ts'

/** An issue as the service keeps it. */
export type StoredIssue = Stored & {
  /** Counts within its team. */
  number: number
  /** Key of the team and number, as in `BIL-212`. */
  identifier: string
  /** Identifiers from before it was moved; they lead to it too. */
  previousIdentifiers: string[]
  /** As people see it. */
  title: string
  /** Markdown; null for none. */
  description: string | null
  /** UUID of its team. */
  teamId: string
  /** UUID of its workflow state. */
  stateId: string
  /** UUID of its project; null for none. */
  projectId: string | null
  /** UUID of the assigned user; null for none. */
  assigneeId: string | null
  /** UUID of the issue it is a part of; null for none. */
  parentId: string | null
  /** UUIDs of its labels. */
  labelIds: string[]
  /** 0 none, 1 urgent, 2 high, 3 medium, 4 low. */
  priority: number
  /** Points; null for none. */
  estimate: number | null
  /** `YYYY-MM-DD`; null for none. */
  dueDate: string | null
}
/** A comment as the service keeps it. */
export type StoredComment = Stored & {
  /** UUID of its issue. */
  issueId: string
  /** Markdown. */
  body: string
  /** UUID of the comment it answers; null for none. */
  parentId: string | null
  /** When it was last edited, ISO 8601; null for never. */
  editedAt: string | null
}
/** An attachment as the service keeps it. */
export type StoredAttachment = Stored & {
  /** UUID of its issue. */
  issueId: string
  /** Where it leads; unique on its issue. */
  url: string
  /** As people see it. */
  title: string
  /** Shown below the title; null for none. */
  subtitle: string | null
  /** As it was given. */
  metadata: Json
}
/** A relation of two issues as the service keeps it. */
export type StoredRelation = Stored & {
  /** UUID of the one it stands on. */
  issueId: string
  /** UUID of the other one. */
  relatedIssueId: string
  /** As it was given: `blocks`, `duplicate`, `related` or `similar`. */
  type: string
}
/** A project update or document as the service keeps it. */
export type StoredText = Stored & {
  /** As people see it. */
  title: string
  /** Markdown. */
  text: string
  /** UUID of its project; null for none. */
  projectId: string | null
  /** UUID of its issue; null for none. */
  issueId: string | null
  /** Of a project update, as in `onTrack`. */
  health: string
}
/** A label as the service keeps it; without a team it belongs to the workspace. */
export type StoredLabel = Stored & {
  /** As people see it. */
  name: string
  /** `#` and six hex digits. */
  color: string
  /** UUID of its team; null: the workspace's. */
  teamId: string | null
  /** Whether it only holds other labels. */
  isGroup: boolean
}
export type StoredTeam = Stored & { key: string; name: string; next: number }
export type StoredState = Stored & { name: string; type: string; position: number; teamId: string }
export type StoredUser = Stored & {
  name: string
  displayName: string
  email: string
  active: boolean
  app: boolean
  isMe: boolean
}
export type StoredProject = Stored & { name: string }

/** Everything there is. */
export type World = {
  teams: StoredTeam[]
  states: StoredState[]
  labels: StoredLabel[]
  users: StoredUser[]
  projects: StoredProject[]
  issues: StoredIssue[]
  comments: StoredComment[]
  attachments: StoredAttachment[]
  relations: StoredRelation[]
  projectUpdates: StoredText[]
  documents: StoredText[]
}
