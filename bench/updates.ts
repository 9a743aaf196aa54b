import type { Session, SessionEvent } from '@sessionwire/core/adapter'

type Moment = Readonly<{ event: SessionEvent<'update'>; session: Session }>

/** Updates of one session, each with the session as it was. */
export const updates = (): readonly [Moment, ...Moment[]] =>
  Array.from({ length: 50 }, (_, n): Moment => {
    const event: SessionEvent<'update'> = {
      ...{
        id: `event-${n}`,
        sessionId: 's',
        sequence: n + 2,
        time: '2026-01-01T00:00:00.000Z',
        at: '2026-01-01T00:00:00.000Z',
        version: 2,
        type: 'update',
      },
      payload: {
        description: `Step ${n}: reproduced with <two> parallel *webhooks* & a lock`,
        progress: n,
        tags: ['a'],
      },
    }
    const { description, progress } = event.payload
    const session: Session = {
      ...{
        id: 's',
        project: 'billing',
        user: 'ada',
        goal: 'Stop double charging',
        title: 'Stop double charging',
      },
      ...{
        status: 'active',
        startProgress: 0,
        progress: progress ?? 0,
        startedAt: event.time,
        lastEventAt: event.time,
      },
      ...{ refs: {}, metadata: {}, revision: n + 2, decisions: [], entities: [], blockers: [] },
      updates: [
        {
          eventId: event.id,
          time: event.time,
          at: event.time,
          description,
          tags: [],
          ...(progress === undefined ? {} : { progress }),
        },
      ],
    }
    return { event, session }
  }) as unknown as readonly [Moment, ...Moment[]]

/** A function that builds an adapter's descriptors of an update without any of our machinery, its text included. */
export type PlainPlan = (event: SessionEvent<'update'>, session: Session) => readonly unknown[]
