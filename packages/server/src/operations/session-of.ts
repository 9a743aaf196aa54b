import { isTrackerError, type Session, type SessionSummary } from '@sessionwire/core'
import { describe } from '@sessionwire/core/adapter'
import { hasScope, type OperationContext } from './operation.ts'
import { refuse } from './refusal.ts'

/** The session that a call is about, and how it was chosen. */
export type Chosen = Readonly<{
  /** The session as it is. */
  session: Session
  /** `id`: the call named it. `only`: it is the only active one of the caller. Else the words of `current`. */
  by: string
}>

/** The field of a session's metadata that names the subject who started it. */
export const OWNER = 'startedBy'
/** Sessions that a refusal lists at most. */
const LISTED = 5
/** Active sessions that are looked at for those of one subject. */
const LOOKED_AT = 10_000

/** Whether a caller may use a session: it started it, or has the scope `any`. */
export const owns = (context: OperationContext, { metadata }: Pick<SessionSummary, 'metadata'>): boolean =>
  context.subject === undefined ||
  hasScope(context, 'any') ||
  (metadata as Readonly<Record<string, unknown>>)[OWNER] === context.subject.id

/** A key that other subjects cannot use: what it stands for must not be answered with what another subject recorded. */
export const ownKey = ({ subject }: OperationContext, key: string): string =>
  subject === undefined ? key : `${encodeURIComponent(subject.id).replaceAll('%3A', ':')}/${key}`

const unknownSession = (id: string) =>
  refuse(
    'NO_SESSION',
    `sessionId: unknown session; got ${describe(id)}.`,
    'Leave sessionId out for the current session, or start one first.',
  )

/** Loads a session that the caller may use. One of another subject is as unknown as one that is missing. */
export const loadOwn = async (context: OperationContext, id: string): Promise<Session> => {
  try {
    const session = await context.tracker.session(id).load()
    if (owns(context, session)) return session
  } catch (thrown) {
    if (!isTrackerError(thrown) || thrown.code !== 'NO_SUCH_SESSION') throw thrown
  }
  throw unknownSession(id)
}

/** Sessions of the caller that fit, newest first. */
export const listOwn = async (
  context: OperationContext,
  filter: Readonly<{ status?: SessionSummary['status']; project?: string }> = {},
): Promise<readonly SessionSummary[]> =>
  (await context.tracker.sessions({ ...filter, limit: LOOKED_AT })).filter(each => owns(context, each))

const none = () => refuse('NO_SESSION', 'sessionId: no session is active.', 'Start one first.')

const chooseOnly = async (context: OperationContext): Promise<Chosen> => {
  const { subject } = context
  // The scope `any` opens sessions of others by their ids; it makes none of them the caller's own.
  const own = (await listOwn(context, { status: 'active' })).filter(
    ({ metadata }) => (metadata as Readonly<Record<string, unknown>>)[OWNER] === subject?.id,
  )
  const [only] = own
  if (only === undefined) throw none()
  if (own.length === 1) return { session: await context.tracker.session(only.id).load(), by: 'only' }
  const listed = own.slice(0, LISTED).map(({ id, title }) => `${id} (${title})`)
  const more = own.length > LISTED ? ` and ${own.length - LISTED} more` : ''
  throw refuse(
    'NO_SESSION',
    `sessionId: missing; ${own.length} of your sessions are active: ${listed.join(', ')}${more}.`,
    'Pass the sessionId of one of them: the one that session_start gave, where it was called.',
  )
}

/** The session of a call: by its id, else the current one of this process, else the only active one of the subject. */
export const chooseSession = async (context: OperationContext, id: string | undefined): Promise<Chosen> => {
  if (id !== undefined) return { session: await loadOwn(context, id), by: 'id' }
  if (context.current === undefined) return chooseOnly(context)
  const current = await context.current(context.asker ?? {})
  if (current === undefined) throw none()
  return { session: await context.tracker.session(current.id).load(), by: current.by }
}
