import { head } from '../../delivery/lanes.ts'
import type { Delivery, State } from '../../delivery/model.ts'
import { isOpen } from '../../delivery/transitions.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { SessionSummary } from '../../session/session.ts'
import type { Count, DeliveryFilter, SessionFilter, StoredSession } from '../contract.ts'
import { id, type Kept, type Memory } from './data.ts'
import { pruneMessages } from './message.ts'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const lanesOf = (memory: Memory, lane: string): readonly Kept[] =>
  [...memory.lanes.values()].filter(kept => kept.lane.lane === lane)

/** A session and how far its lanes are planned, by adapter. */
export const load = (memory: Memory, sessionId: string): StoredSession | undefined => {
  const stored = memory.sessions.get(sessionId)
  if (stored === undefined) return undefined
  const lanes = lanesOf(memory, sessionId).map(
    ({ lane: { next: _, deliveries: __, servedAt: ___, ...state }, refs, target }) => ({
      ...state,
      refs,
      ...(target === '' ? {} : { target }),
    }),
  )
  return { summary: stored.summary, lanes: lanes.sort((a, b) => compare(a.adapter, b.adapter)) }
}

/** Sessions that fit, newest first. */
export const sessions = (memory: Memory, filter: SessionFilter): readonly SessionSummary[] => {
  const { project, user, agent, status, workspace, machine, since, mirror, withoutLane, limit = 100 } = filter
  return [...memory.sessions.values()]
    .map(({ summary }) => summary)
    .reverse()
    .filter(
      each =>
        (project === undefined || each.project === project) &&
        (user === undefined || each.user === user) &&
        (status === undefined || each.status === status) &&
        (agent === undefined || each.agent === agent) &&
        (workspace === undefined || each.workspace === workspace) &&
        (machine === undefined || each.machine === machine) &&
        (since === undefined || Date.parse(each.startedAt) >= since) &&
        (mirror === undefined || (each.mirror !== false) === mirror) &&
        (withoutLane === undefined || !memory.lanes.has(id(withoutLane, each.id))),
    )
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
    .slice(0, limit)
}

/** Deliveries that fit, by adapter, lane and position. */
export const list = (memory: Memory, filter: DeliveryFilter): readonly Delivery[] => {
  const { keys, adapter, lane, state, inDoubt, limit = 1_000 } = filter
  const states = state === undefined ? undefined : new Set<State>(typeof state === 'string' ? [state] : state)
  const wanted = keys === undefined ? undefined : new Set(keys)
  return [...memory.deliveries.values()]
    .filter(
      each =>
        wanted?.has(each.key) !== false &&
        (adapter === undefined || each.adapter === adapter) &&
        (lane === undefined || each.lane === lane) &&
        states?.has(each.state) !== false &&
        (inDoubt === undefined || (each.doubtSince !== undefined) === inDoubt),
    )
    .sort((a, b) => compare(a.adapter, b.adapter) || compare(a.lane, b.lane) || a.position - b.position)
    .slice(0, limit)
}

/** How much there is of what, by adapter. */
export const counts = (memory: Memory, targets: Readonly<Record<string, string>> = {}): readonly Count[] => {
  const stored = [...memory.lanes.values()].map(({ lane }) => lane.adapter)
  const adapters = [...new Set([...stored, ...Object.keys(targets)])].sort(compare)
  return adapters.map(adapter => {
    const lanes = [...memory.lanes.values()].filter(({ lane }) => lane.adapter === adapter)
    const states: Partial<Record<State, number>> = {}
    let inDoubt = 0
    let oldestAt = Number.POSITIVE_INFINITY
    for (const { state, doubtSince } of list(memory, { adapter, limit: Infinity })) {
      states[state] = (states[state] ?? 0) + 1
      if (doubtSince !== undefined) inDoubt++
    }
    for (const { lane } of lanes) {
      const first = head(lane)?.delivery
      if (first?.leaseUntil !== undefined || first?.state === 'waiting')
        oldestAt = Math.min(oldestAt, first.plannedAt)
    }
    const target = Object.hasOwn(targets, adapter) ? targets[adapter] : undefined
    const foreign = lanes
      .filter(kept => target !== undefined && kept.target !== '' && kept.target !== target)
      .flatMap(({ lane }) => lane.deliveries)
      .filter(({ state }) => state === 'waiting' || state === 'claimed' || state === 'begun').length
    const unmirrored = [...memory.sessions.keys()].filter(each => !memory.lanes.has(id(adapter, each))).length
    const gone = lanes.filter(({ lane }) => lane.gone !== undefined).length
    const oldest = Number.isFinite(oldestAt) ? { oldestAt } : {}
    return { adapter, states, inDoubt, ...oldest, gone, lanes: lanes.length, unmirrored, foreign }
  })
}

/** Removes what is over: sessions that ended, and direct calls of no session; what is left to do holds them back. */
export const prune = (memory: Memory, before: number, keepBefore: number, messagesBefore = 0) => {
  const removed = { sessions: 0, deliveries: 0, messages: 0 }
  /** A delivery that waits in a lane that stands still has nothing to do. */
  const stands = ({ adapter, lane, state }: Delivery): boolean => {
    const kept = memory.lanes.get(id(adapter, lane))
    return state === 'waiting' && kept !== undefined && head(kept.lane) === undefined
  }
  const old = (delivery: Delivery): boolean =>
    !isOpen(delivery) ||
    ((delivery.state === 'planned' || delivery.state === 'dead' || stands(delivery)) &&
      delivery.plannedAt < keepBefore)
  const removeLane = (kept: Kept): void => {
    for (const { key } of list(memory, { ...kept.lane, limit: Infinity })) {
      memory.deliveries.delete(key)
      removed.deliveries++
    }
    memory.lanes.delete(id(kept.lane.adapter, kept.lane.lane))
  }
  for (const { summary } of [...memory.sessions.values()]) {
    const ended = summary.status === 'active' ? Infinity : Date.parse(summary.lastEventAt)
    if (ended >= before || !list(memory, { lane: summary.id, limit: Infinity }).every(old)) continue
    for (const kept of lanesOf(memory, summary.id)) removeLane(kept)
    memory.sessions.delete(summary.id)
    for (const event of memory.events.get(summary.id) ?? []) {
      memory.messages.delete(event.id)
      memory.keys.delete(`${summary.id}\n${event.id}`)
    }
    memory.events.delete(summary.id)
    removed.sessions++
  }
  for (const kept of [...memory.lanes.values()]) {
    const { adapter, lane } = kept.lane
    if (lane === INIT_LANE || memory.sessions.has(lane)) continue
    const all = list(memory, { adapter, lane, limit: Infinity })
    if (all.every(each => old(each) && (each.settledAt ?? each.plannedAt) < before)) removeLane(kept)
  }
  removed.messages = pruneMessages(memory, messagesBefore)
  return removed
}
