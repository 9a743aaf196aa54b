import type { Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { CurrentSession } from './operations/operation.ts'

/** Names and values of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A workspace as `openWorkspace` of `sessionwire/workspace` gives it. */
export type Workspace = Readonly<{
  /** The folder that the workspace begins at. */
  root: string
  /** Whether the session of a folder belongs here. Default: where it is the root, or lies within it. */
  isHere?: (workspace: string | undefined) => boolean
  /** It records sessions and keeps them in the store of the workspace. */
  tracker: Tracker
  /** These adapters were made. */
  adapters: readonly AnyAdapter[]
  /** These adapters could not be made, and why. */
  problems: readonly Readonly<{ adapter: string; message: string }>[]
  /** These lines a person should read, as that nothing is delivered until the file is trusted. Default: none. */
  notes?: readonly string[]
  /** Gives the session that a call without an id is about. */
  current: () => Promise<CurrentSession | undefined>
  /** It reads what the hooks of agent hosts have written since. */
  ingest: () => Promise<void>
  /**
   * Mirrors a captured session that has something to show now, by the adapters that were set up before that. `at`: when it happened, epoch ms. Default:
   * `session.mirror()`.
   */
  show?: (sessionId: string, at: number) => Promise<unknown>
  /** Whether its store was removed or replaced while it was open: the MCP server opens it again. Default: it never is. */
  isGone?: () => boolean
  /** Starts a process that delivers what is left after this one, where something is. Default: the next command delivers it. */
  deliverLater?: () => Promise<void>
  /** It closes the tracker and its store. */
  close: () => Promise<void>
}>

/** Options of `runMcp` and `runServe`. */
export type ServerOptions = Readonly<{
  /** The folder that the command runs in. */
  cwd: string
  /** Names and values of the environment. */
  env: Environment
  /** Opens the workspace of a folder; `deliver: true` delivers in the background until it is closed. */
  openWorkspace: (
    cwd: string,
    options: Readonly<{
      env: Environment
      deliver: boolean
      tolerant: boolean
      note: (text: string) => void
    }>,
  ) => Promise<Workspace>
  /** Words of the command line that are the server's own, as in `--toolset review`. */
  words: readonly string[]
}>
