import {
  type Author,
  isTrackerError,
  type Receipt,
  type SessionHandle,
  type StartInput,
  type Tracker,
} from '@sessionwire/core'
import type { Recording, Step } from '../mapping/step.ts'

/** The part of a tracker that the ingest uses. */
export type Recorder = Pick<Tracker, 'start' | 'session' | 'sessions' | 'messages' | 'drain'>

/** Values of a new session in addition to those of the mapping. */
export type StartExtras = Pick<StartInput, 'refs' | 'goal' | 'metadata'>

/** Asked for each new session: the issue it works on, or a better title. */
export type StartChoice = (
  session: Readonly<{ host: string; workspace: string; branch?: string }>,
) => StartExtras | undefined

/** How a step went. */
export type Applied =
  | Readonly<{ kind: 'recorded' | 'repeated' | 'passed' }>
  /** The store or the machine refuses it for good; the next steps go on. */
  | Readonly<{ kind: 'refused'; reason: string }>
  /** The store no longer has the session: its file was removed, or the session pruned. */
  | Readonly<{ kind: 'lost'; reason: string }>

type Context = Readonly<{
  tracker: Recorder
  user: string
  /** Name of the host for people: the author of what its model wrote. */
  agent: string
  /** Ids of sessions in the store, by their local name; grows. */
  ids: Map<string, string>
  chosen: StartChoice | undefined
  show?: ((sessionId: string, at: number) => Promise<unknown>) | undefined
}>

type Call = Readonly<{ key: string; at: Date; onRepeat: 'skip' }>

const PASSED: Applied = { kind: 'passed' }
/** A clock that was ahead when the hook ran, ms. */
const AHEAD_MS = 240_000

/** Errors that no later try can fix: of this input, or of a session that a person ended. */
const FINAL: ReadonlySet<string> = new Set(['INVALID_INPUT', 'SESSION_CLOSED', 'NO_SUCH_SESSION'])

const toApplied = (receipt: Receipt | undefined): Applied => {
  if (receipt === undefined) return PASSED
  if (receipt.recorded) return { kind: receipt.repeated === true ? 'repeated' : 'recorded' }
  if (receipt.error === undefined) return PASSED
  throw receipt.error
}

const startSession = async (
  { tracker, user, ids, chosen }: Context,
  step: Step,
  record: Recording & { kind: 'start' },
  clock: Readonly<{ at?: Date; late?: string }>,
): Promise<Applied> => {
  const { agent, goal, workspace, startKey, parent, metadata } = record
  const parentId = parent === undefined ? undefined : ids.get(parent)
  if (parent !== undefined && parentId === undefined) return PASSED
  const { host = '', branch } = metadata
  const extras =
    parent === undefined
      ? chosen?.({ host, workspace, ...(branch === undefined ? {} : { branch }) })
      : undefined
  const session = await tracker.start({
    key: startKey,
    onRepeat: 'skip',
    agent,
    goal: extras?.goal ?? goal,
    workspace,
    mirror: false,
    writer: 'host',
    user,
    metadata: {
      ...extras?.metadata,
      ...metadata,
      ...(clock.late === undefined ? {} : { clock: clock.late }),
    },
    ...(extras?.refs === undefined ? {} : { refs: extras.refs }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(clock.at === undefined ? {} : { at: clock.at }),
  })
  const applied = toApplied(session.receipt)
  // A filter that leaves the start out leaves out the whole session.
  if (applied.kind !== 'passed') ids.set(step.session, session.id)
  return applied
}

/** A session ended by something that happened later than the step needs no resume: the step is read again. */
const resume = async (session: SessionHandle, at: number, reason: string, call: Partial<Call>) => {
  const { status, endedAt } = await session.load()
  if (status === 'active' || endedAt === undefined || Date.parse(endedAt) > at) return undefined
  return session.resume(reason, call)
}

const resolve = async (
  session: SessionHandle,
  { description, blockedAt, resolution }: Recording & { kind: 'resolve' },
  call: Partial<Call>,
) => {
  const at = new Date(blockedAt).toISOString()
  const { blockers } = await session.load()
  const found = blockers.find(
    each => each.description === description && each.at === at && each.resolvedAt === undefined,
  )
  return found === undefined ? undefined : session.resolve(found.blockerId, resolution, call)
}

/** Takes up the issue that the branch names where the session began without: its adapter may have been set up since. */
const mirror = async (session: SessionHandle, chosen: StartChoice | undefined): Promise<void> => {
  const { refs: known, metadata, workspace = '' } = await session.load()
  const { host, branch } = metadata
  const refs =
    typeof branch === 'string' ? chosen?.({ host: String(host), workspace, branch })?.refs : undefined
  const missing = Object.entries(refs ?? {}).filter(([adapter]) => known[adapter] === undefined)
  try {
    if (missing.length > 0) await session.mirror(undefined, { refs: Object.fromEntries(missing) })
  } catch (thrown) {
    // A card that is there stays, and the service may refuse what a branch is called.
    if (!isTrackerError(thrown) || thrown.code !== 'INVALID_INPUT') throw thrown
  }
  await session.mirror()
}

const record = async (
  session: SessionHandle,
  step: Step,
  call: Partial<Call>,
  { chosen, show, agent, user }: Context,
): Promise<Receipt | undefined> => {
  const { record: what } = step
  const author: Author = { kind: 'model', name: agent }
  switch (what.kind) {
    case 'message': {
      const { role, content, kind: _, ...rest } = what
      return session.message(role, content, { ...rest, ...call })
    }
    case 'update': {
      const { description, kind: _, author: by, ...rest } = what
      return session.update(description, {
        ...rest,
        ...call,
        author: by === 'person' ? { kind: by, name: user } : author,
      })
    }
    case 'entity': {
      const { kind: _, ...rest } = what
      return session.entity({ ...rest, ...call, author })
    }
    case 'block':
      return session.block(what.description, { category: what.category, ...call, author })
    case 'resolve':
      return resolve(session, what, call)
    case 'resume':
      return resume(session, step.at, what.reason, call)
    case 'close':
      return session.close({ end: what.end, ...call })
    case 'mirror':
      await (show === undefined ? mirror(session, chosen) : show(session.id, step.at))
      return undefined
    case 'start':
      return undefined
  }
}

const apply = (context: Context, step: Step, now: number): Promise<Applied> | Applied => {
  const isAhead = step.at > now + AHEAD_MS
  const at = isAhead ? {} : { at: new Date(step.at) }
  if (step.record.kind === 'start')
    return startSession(context, step, step.record, {
      ...at,
      ...(isAhead ? { late: new Date(step.at).toISOString() } : {}),
    })
  const id = context.ids.get(step.session)
  if (id === undefined) return PASSED
  const call = { key: step.key, onRepeat: 'skip' as const, ...at }
  return record(context.tracker.session(id), step, call, context).then(toApplied)
}

/** Records one step. Throws errors that a later try may fix: a busy or full store. */
export const applyStep = async (context: Context, step: Step, now: number): Promise<Applied> => {
  try {
    return await apply(context, step, now)
  } catch (thrown) {
    if (!isTrackerError(thrown) || !FINAL.has(thrown.code)) throw thrown
    return {
      kind: thrown.code === 'NO_SUCH_SESSION' ? 'lost' : 'refused',
      reason: `${step.record.kind} of ${step.session}: ${thrown.code}`,
    }
  }
}
