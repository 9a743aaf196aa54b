import type { Delivery } from '../delivery/model.ts'
import { eraseEvent } from '../session/erase.ts'
import type { SessionEvent } from '../session/events.ts'
import { invalidInput } from '../session/message.ts'
import type { Session } from '../session/session.ts'
import type { Forgotten } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { eventsOf, loadSession, replay } from './live-session.ts'
import { summarize } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

/** More than any session has; a bound all the same. */
const ALL = 100_000

const isEdit = ({ descriptor }: Pick<Delivery, 'descriptor'>): boolean =>
  descriptor?.coalesce !== undefined && descriptor.coalesce.place !== 'after'

/** Everything of a lane that was not sent, and shows what is erased. */
const isPending = ({ state }: Delivery): boolean =>
  state === 'planned' || state === 'waiting' || state === 'dead'

/** The first suffix that no key of the lane has yet. */
const suffixFor = (own: readonly Delivery[]): string => {
  for (let turn = 1; ; turn++) {
    const suffix = `/f${turn}`
    if (!own.some(({ key }) => key.endsWith(suffix))) return suffix
  }
}

/** States of deliveries that no service ever saw. */
const NEVER_SENT: ReadonlySet<Delivery['state']> = new Set(['dropped', 'replaced'])

/** A lane whose card was made, or will be. */
const hasCard = (all: readonly Delivery[], dropping: ReadonlySet<string>): boolean =>
  all.some(
    ({ sequence, state, key }) =>
      sequence === 1 && state !== 'dropped' && state !== 'replaced' && !dropping.has(key),
  )

/**
 * Erases the texts of a session or of one event: in the store at once, in deliveries that were not sent by dropping them,
 * and on cards by planning an edit. Texts that were sent and that no edit takes back are listed. Other processes show what they hold in
 * memory until they read the session again.
 */
export const erase = (parts: RecorderContext, sessionId: string, eventId?: string): Promise<Forgotten> =>
  retryConflicts(parts, sessionId, async () => {
    const live = await loadSession(parts, sessionId, true)
    const events = await eventsOf(parts, sessionId)
    const erased = events.filter(({ id }) => eventId === undefined || id === eventId)
    if (erased.length === 0)
      throw invalidInput({
        field: 'forget.eventId',
        problem: `unknown event ${JSON.stringify(eventId)}`,
        expected: 'the id of an event of this session',
      })
    const targets = new Set(erased.map(({ id }) => id))
    const after = events.map((event): SessionEvent => (targets.has(event.id) ? eraseEvent(event) : event))
    const moments = [...replay(after)]
    const session = moments.at(-1)?.session as Session
    const { updates: _, decisions: __, entities: ___, blockers: ____, ...summary } = session
    const from = erased[0]?.sequence ?? 1
    const all = await parts.store.list({ lane: sessionId, limit: ALL })
    const belongs = ({ key }: Delivery): boolean => targets.has(key.slice(0, key.indexOf('/')))
    const dropping = all.filter(
      each => isPending(each) && each.sequence >= from && (belongs(each) || isEdit(each)),
    )
    const dropped = new Set(dropping.map(({ key }) => key))
    if (dropped.size > 0) await parts.store.move([...dropped], { kind: 'drop' })
    const shown = all.filter(
      each => !isPending(each) && (belongs(each) || (each.sequence >= from && isEdit(each))),
    )
    await parts.store.erase(sessionId, {
      summary,
      events: after.filter(({ id }) => targets.has(id)),
      keys: [...dropping, ...shown].map(({ key }) => key),
    })
    const edited: string[] = []
    for (const name of live.through.keys()) {
      const adapter = parts.adapters.get(name)
      const own = all.filter(each => each.adapter === name)
      if (adapter === undefined || !hasCard(own, dropped)) continue
      const suffix = suffixFor(own)
      const deliveries = summarize(adapter, moments, suffix).filter(each => each.sequence > 1 && isEdit(each))
      if (deliveries.length === 0) continue
      const lanes = [{ adapter: name, lane: sessionId, deliveries }]
      announce(parts, lanes, await parts.store.commit({ events: [], lanes }))
      edited.push(name)
    }
    parts.cache.delete(sessionId)
    const sent = shown.filter(
      each => belongs(each) && each.descriptor !== undefined && !isEdit(each) && !NEVER_SENT.has(each.state),
    )
    const remaining = sent.filter(({ sequence, adapter }) => sequence > 1 || !edited.includes(adapter))
    return {
      events: erased.length,
      edited,
      dropped: [...dropped],
      remaining: remaining.map(({ adapter, key, action, state }) => ({
        ...{ adapter, key, action },
        todo: `${state === 'delivered' ? 'It was sent' : 'It may have been sent'} to ${adapter}. Remove it there; a secret in it is no longer secret.`,
      })),
    }
  })
