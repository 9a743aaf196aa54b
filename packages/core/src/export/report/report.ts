import type { SessionStatus } from '../../session/schema.ts'
import { namePeople, type Session } from '../../session/session.ts'
import { renderChart } from './chart.ts'
import { escapeHtml, formatText, STYLE } from './html.ts'
import * as sections from './sections.ts'
import { createClock, findLastAt, formatBetween, renderTime } from './time.ts'

export type { Mirror } from './sections.ts'

/** How a report is shown. */
export type ReportOptions = Readonly<{
  /** IANA time zone of all times, as in `Europe/Vienna`. Default `UTC`. */
  timeZone?: string
}>

/** The colour of each status; an active session with an open blocker is `blocked`. */
const TONES: Readonly<Record<SessionStatus | 'blocked', string>> = {
  active: 'bar',
  blocked: 'bad',
  completed: 'good',
  failed: 'bad',
  cancelled: 'soft',
  crashed: 'bad',
  abandoned: 'soft',
  left: 'soft',
}

/** The goal without the title, which is its first line unless that was too long. */
const goalBelow = ({ goal = '', title }: Session): string => {
  const text = goal.trim()
  const [first = '', ...rest] = text.split(/\r?\n/)
  return first.trim() === title ? rest.join('\n').trim() : text
}

const renderHeader = (session: Session, options: ReportOptions): string => {
  const clock = createClock(options.timeZone ?? 'UTC')
  const blockers = sections.countBlockers(session)
  const standing = session.status === 'active' && blockers !== undefined ? 'blocked' : session.status
  const by = namePeople(session)
  const { startedAt } = session
  const started = renderTime(startedAt, `${clock.day(startedAt)} ${clock.minute(startedAt)}`)
  const goal = goalBelow(session)
  return [
    `<header><h1>${escapeHtml(session.title, 200)}</h1>`,
    `<p><span class="pill" style="color:var(--${TONES[standing]})">${standing}</span>${blockers === undefined ? '' : ` <strong class="bad">${blockers}</strong>`}</p>`,
    `<div class="meter" style="--share:${session.progress}%"><b>${session.progress} %</b><i></i></div>`,
    `<p class="soft">${escapeHtml(by, 400)} · ${escapeHtml(session.project, 400)} · ${started} ${escapeHtml(clock.zone)}, ${formatBetween(startedAt, findLastAt(session))}</p>`,
    goal === '' ? '' : `<p>${formatText(goal)}</p>`,
    session.summary === undefined ? '' : `<p>${formatText(session.summary)}</p>`,
    '</header>',
  ].join('')
}

/**
 * Renders a session as one self-contained HTML page: status and progress, open blockers by severity, progress over time,
 * decisions with reasons, what was touched, updates by day, and what became of it in each service. Light, dark and
 * printed; it loads nothing and runs nothing, whatever the session's text says. Pure. Throws a `RangeError` for an unknown
 * time zone.
 */
export const renderReport = (
  session: Session,
  mirrors: readonly sections.Mirror[] = [],
  options: ReportOptions = {},
): string => {
  const clock = createClock(options.timeZone ?? 'UTC')
  const chart = renderChart(session, clock)
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    // A second line of defence: even if the escaping missed something, the browser runs and loads nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(session.title, 200)}</title><style>${STYLE}</style></head><body>`,
    renderHeader(session, options),
    sections.renderOpenBlockers(session, clock),
    chart === '' ? '' : `<section><h2>Progress</h2>${chart}</section>`,
    sections.renderDecisions(session, clock),
    sections.renderUpdates(session, clock),
    sections.renderEntities(session),
    sections.renderResolvedBlockers(session, clock),
    sections.renderMirrors(mirrors),
    sections.renderDetails(session),
    '</body></html>\n',
  ].join('')
}
