import type { Session } from '@sessionwire/core'

/** Events of one session since a time. */
export type Digested = Readonly<{
  id: string
  title: string
  project: string
  user: string
  agent?: string
  status: string
  /** Progress before the time, and now. */
  from: number
  to: number
  updates: readonly string[]
  decisions: readonly string[]
  blocked: readonly string[]
  resolved: readonly string[]
  next: readonly string[]
  summary?: string
}>

/** The part of sessions that happened since a time (epoch ms), oldest session first. Sessions without any of it are left out. */
export const digestSessions = (sessions: readonly Session[], since: number): readonly Digested[] =>
  sessions
    .filter(({ lastEventAt, startedAt }) => Math.max(Date.parse(lastEventAt), Date.parse(startedAt)) >= since)
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .map(session => {
      const { id, title, project, user, agent, status, progress, startProgress, summary, endedAt } = session
      const isNew = ({ at }: Readonly<{ at: string }>): boolean => Date.parse(at) >= since
      const before = session.updates.filter(each => !isNew(each) && each.progress !== undefined).at(-1)
      const fresh = session.updates.filter(isNew)
      return {
        id,
        title,
        project,
        user,
        ...(agent === undefined ? {} : { agent }),
        status,
        from: before?.progress ?? startProgress,
        to: progress,
        updates: fresh.map(({ description }) => description),
        decisions: session.decisions.filter(isNew).map(({ content }) => content),
        blocked: session.blockers
          .filter(({ resolvedAt }) => resolvedAt === undefined)
          .map(each => each.description),
        resolved: session.blockers
          .filter(({ resolvedAt }) => resolvedAt !== undefined && Date.parse(resolvedAt) >= since)
          .map(each => each.description),
        next: status === 'active' || status === 'left' ? (session.updates.at(-1)?.nextSteps ?? []) : [],
        ...(summary !== undefined && endedAt !== undefined && Date.parse(endedAt) >= since
          ? { summary }
          : {}),
      }
    })

const line = (text: string): string => {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= 160 ? flat : `${Array.from(flat).slice(0, 159).join('')}…`
}

/** A digest as text for a standup: plain lines that any chat takes. */
export const sayDigest = (digested: readonly Digested[]): readonly string[] =>
  digested.flatMap(
    ({ title, agent, status, from, to, updates, decisions, blocked, resolved, next, summary }) => [
      `${line(title)}: ${from === to ? `${to} %` : `${from} to ${to} %`}, ${status}${agent === undefined ? '' : `, with ${line(agent)}`}`,
      ...(summary === undefined ? updates.map(each => `  - ${line(each)}`) : [`  - ${line(summary)}`]),
      ...decisions.map(each => `  - decided: ${line(each)}`),
      ...resolved.map(each => `  - resolved: ${line(each)}`),
      ...blocked.map(each => `  - blocked: ${line(each)}`),
      ...next.map(each => `  - next: ${line(each)}`),
      '',
    ],
  )
