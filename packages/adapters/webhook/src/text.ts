import type { Json, Session, SessionEvent } from '@sessionwire/core/adapter'

/** The session of an event, without its lists: what most receivers show. */
export const sessionData = (session: Session, url: string | undefined): Json => {
  const { id, title, goal, status, progress, startProgress, project, user, agent, summary } = session
  const { startedAt, endedAt, previousId, revision } = session
  const fields = { id, title, goal, status, progress, startProgress, project, user, agent, summary }
  return Object.fromEntries(
    Object.entries({ ...fields, startedAt, endedAt, previousId, revision, url }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Json
}

/** The payload of an event. */
export const eventData = ({ payload }: SessionEvent): Json => payload as Json
