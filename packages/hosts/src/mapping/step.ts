import type { Author, MessageRole } from '@sessionwire/core'
import type { LineUsage } from '../hook/line.ts'

/** The session a step belongs to: the root, or a sub-agent by its host's id. */
export type Local = 'root' | (string & {})

/** The record of one step. Plain data. */
export type Recording =
  | Readonly<{
      kind: 'start'
      /** Name of the agent, as in `Claude Code`. */
      agent: string
      goal: string
      workspace: string
      /** The key of the session in the store. */
      startKey: string
      parent?: Local
      metadata: Readonly<{ [name: string]: string }>
    }>
  | Readonly<{ kind: 'resume'; reason: string }>
  | Readonly<{
      kind: 'message'
      role: MessageRole
      content: string
      name?: string
      model?: string
      usage?: LineUsage
    }>
  | Readonly<{
      kind: 'update'
      description: string
      progress?: number
      nextSteps?: readonly string[]
      goal?: string
      /** Default: the model of the host. */
      author?: Author['kind']
    }>
  | Readonly<{ kind: 'entity'; name: string; type: string; path?: string; description?: string }>
  | Readonly<{ kind: 'block'; description: string; category: 'person' | 'tool' }>
  | Readonly<{
      kind: 'resolve'
      /** `description` and `at` of the blocker, by which it is found in the session. */
      description: string
      blockedAt: number
      resolution: string
    }>
  | Readonly<{ kind: 'close'; end: 'left' | 'completed' }>
  | Readonly<{ kind: 'mirror' }>

/** One call that the mapping asks for. */
export type Step = Readonly<{
  /** Records once: the same lines give the same keys. */
  key: string
  /** When it happened, epoch ms. */
  at: number
  /** The session it belongs to. */
  session: Local
  /** The call that records it. */
  record: Recording
}>
