import type { Session } from '@sessionwire/core'
import { listFiles, sayFiles, type Told } from './told.ts'

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
  /** Files that were written. */
  files: readonly string[]
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
        files: listFiles({ entities: session.entities.filter(isNew) }),
        ...(summary !== undefined && endedAt !== undefined && Date.parse(endedAt) >= since
          ? { summary }
          : {}),
      }
    })

const line = (text: string): string => {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= 160 ? flat : `${Array.from(flat).slice(0, 159).join('')}…`
}

/** Progress that nothing gave is left out: 0 % would say that nothing was done. */
const sayProgress = (from: number, to: number): string =>
  to === 0 && from === 0 ? '' : from === to ? `${to} %, ` : `${from} to ${to} %, `

/** A digest as text for a standup: plain lines that any chat takes. */
export const sayDigest = (
  digested: readonly Digested[],
  told: ReadonlyMap<string, Told> = new Map(),
): readonly string[] =>
  digested.flatMap(
    ({ id, title, agent, status, from, to, updates, decisions, blocked, resolved, next, files, summary }) => [
      `${line(told.get(id)?.began ?? title)}: ${sayProgress(from, to)}${status}${agent === undefined ? '' : `, with ${line(agent)}`}`,
      ...(summary === undefined ? updates.map(each => `  - ${line(each)}`) : [`  - ${line(summary)}`]),
      ...sayFiles(files).map(each => `  - ${line(each)}`),
      ...decisions.map(each => `  - decided: ${line(each)}`),
      ...resolved.map(each => `  - resolved: ${line(each)}`),
      ...blocked.map(each => `  - blocked: ${line(each)}`),
      ...(next.length > 0 ? next : (told.get(id)?.next ?? [])).map(each => `  - next: ${line(each)}`),
      '',
    ],
  )
