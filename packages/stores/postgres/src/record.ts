import type { Commit, LanePlan, SessionEvent } from '@sessionwire/core/store'
import type { Context } from './context.ts'
import { writeJson } from './text.ts'

const time = (iso: string | undefined): number | undefined =>
  iso === undefined ? undefined : Date.parse(iso)

/** An event as it is stored: the content of a message is kept apart. */
const bare = (event: SessionEvent): SessionEvent =>
  event.type === 'message' ? { ...event, payload: { ...event.payload, content: '' } } : event

/** The rows of a commit's session and events, and the lines of their texts. */
export const describeRecord = (context: Context, { session, events }: Commit, again: boolean) => {
  const lines: string[] = []
  if (session !== undefined) lines.push(writeJson(session.summary))
  for (const event of events) lines.push(writeJson(bare(event)))
  const messages =
    session === undefined
      ? []
      : events.flatMap(event => {
          if (event.type !== 'message' || event.erased === true) return []
          const { id, sequence, at, time: stored, payload } = event
          lines.push(writeJson(payload.content))
          return [
            {
              ...{ sequence, event: id, role: payload.role, at: Date.parse(at), time: Date.parse(stored) },
              o: lines.length,
            },
          ]
        })
  const { silentMs, host, library, isKnown } = context.member
  const key = session?.key
  const meta = {
    ...(again ? { again } : {}),
    ...(isKnown() ? {} : { member: { silentMs, host, library } }),
    ...(session === undefined
      ? {}
      : {
          session: {
            id: session.summary.id,
            expected: session.expected,
            revision: session.summary.revision,
            project: session.summary.project,
            user: session.summary.user,
            status: session.summary.status,
            agent: session.summary.agent,
            workspace: session.summary.workspace,
            machine: session.summary.machine,
            mirror: session.summary.mirror !== false,
            startedAt: time(session.summary.startedAt),
            endedAt: time(session.summary.endedAt),
            lastEventAt: time(session.summary.lastEventAt),
            ...(session.exclusive === true ? { exclusive: true } : {}),
            ...(key === undefined
              ? {}
              : {
                  key: {
                    event: key.eventId,
                    digest: key.digest,
                    sequence: events.find(({ id }) => id === key.eventId)?.sequence,
                  },
                }),
          },
        }),
    events: events.map(({ sequence, id }) => ({ sequence, id })),
    ...(messages.length === 0 ? {} : { messages }),
  }
  return { meta, lines }
}

/** A lane as `open_1` reads it. */
export const describeLane = (context: Context, plan: LanePlan, o: number) => ({
  o,
  adapter: context.adapters.idOf(plan.adapter),
  lane: plan.lane,
  ...(plan.open === undefined ? {} : { refs: plan.open.refs, target: plan.open.target ?? '' }),
  ...(plan.through === undefined ? {} : { from: plan.through.from, to: plan.through.to }),
})
