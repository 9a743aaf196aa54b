import type { Author, Tracker } from '@sessionwire/core'
import { type AnyAdapter, checkInput } from '@sessionwire/core/adapter'
import type * as z from 'zod'
import { refuse } from './refusal.ts'

/** A right of a caller: to look, record, send and settle requests, run destructive actions, or use sessions of others. */
export type Scope = 'read' | 'record' | 'act' | 'destructive' | 'any'

/** The caller, after the server has authenticated it. */
export type Subject = Readonly<{
  /** Unique over all callers; the sessions that it starts belong to it. */
  id: string
  /** These are granted to it. */
  scopes: ReadonlySet<Scope>
}>

/** The session that a call without an id is about, and how it was chosen. */
export type CurrentSession = Readonly<{
  /** This is the id of the session. */
  id: string
  /** These words say how it was chosen, as in `host`. */
  by: string
}>

/** The agent host behind a call, as far as its client says. */
export type Asker = Readonly<{
  /** The host, as in `codex`. Absent: the client is not a known host. */
  host?: string
  /** Its name for people, as in `Claude Code`. Absent: the client is not a known host. */
  agent?: string
  /** The host's own id of the session that the call comes from. Absent: the client does not tell it. */
  session?: string
}>

/** Everything that an operation works with. */
export type OperationContext = Readonly<{
  /** It records, and its store holds the sessions. */
  tracker: Tracker
  /** These are the adapters of the tracker. */
  adapters: readonly AnyAdapter[]
  /** Default: the person who started this process, who may do everything that this person could do in a shell. */
  subject?: Subject
  /** Gives the current session of this process, for a caller. Default: there is none, as over HTTP. */
  current?: (asker: Asker) => Promise<CurrentSession | undefined>
  /** Remembers a session that the caller began: later calls without an id are about it. Default: it is forgotten. */
  began?: (sessionId: string) => void
  /** The host that calls. Default: nothing is known of it. */
  asker?: Asker
  /** The author of all that is recorded here, whatever a call says. Default: the `author` of the call, else unknown. */
  author?: Author
  /** Mirrors a captured session that has something to show now. `at`: when it happened, epoch ms. Default: `session.mirror()`. */
  show?: (sessionId: string, at: number) => Promise<unknown>
  /** Where sessions start that name no workspace. Default: none is named. */
  workspace?: string
  /** Lines that the caller should read when it records, as that nothing is sent from this folder. Default: none. */
  notes?: readonly string[]
}>

/** The plain JSON that an operation gives. */
export type Result = Readonly<Record<string, unknown>>

/** One thing that a caller can ask for, over MCP or HTTP. */
export type Operation = Readonly<{
  /** Its name, as in `pending_calls`. */
  name: string
  /** One sentence for people and models. */
  about: string
  /** Strict schema of its input, with a description for each field. */
  input: z.ZodObject
  /** The scope that a caller needs. */
  scope: 'read' | 'record' | 'act'
  /** True: a second call with the same input and `key` changes nothing more. */
  idempotent: boolean
  /** Checks scope and input, and does it. Throws `TrackerError` and `OperationError`. */
  run: (context: OperationContext, input: unknown) => Promise<Result>
}>

type Definition<S extends z.ZodObject> = Omit<Operation, 'input' | 'run' | 'idempotent'> &
  Readonly<{
    input: S
    /** Default: as for every recording call, true. */
    idempotent?: boolean
    run: (context: OperationContext, input: z.input<S>) => Promise<Result>
  }>

/** Whether a caller has a scope. */
export const hasScope = ({ subject }: OperationContext, scope: Scope): boolean =>
  subject === undefined || subject.scopes.has(scope)

/** Refuses a caller without the scope. */
export const needScope = (context: OperationContext, scope: Scope): void => {
  if (!hasScope(context, scope))
    throw refuse('FORBIDDEN', `scope: ${scope} is missing.`, 'Ask for a credential that has this scope.')
}

/** Makes an operation of its parts: it checks scope and input before it runs. */
export const defineOperation = <S extends z.ZodObject>({
  idempotent = true,
  ...definition
}: Definition<S>): Operation => ({
  ...definition,
  idempotent,
  run: async (context, raw) => {
    needScope(context, definition.scope)
    checkInput(definition.name, definition.input, raw ?? {})
    return definition.run(context, (raw ?? {}) as z.input<S>)
  },
})
