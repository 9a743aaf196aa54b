import { type Json, SEVERITIES, type Usage } from '../../session/schema.ts'
import type { Blocker, Session } from '../../session/session.ts'
import { escapeHtml, formatText, renderLink } from './html.ts'
import { type Clock, findLastAt, formatBetween, parseTime, renderTime } from './time.ts'

/** A session at one service, for its report. */
export type Mirror = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** Deliveries that were applied. */
  delivered: number
  /** On their way: waiting, claimed or begun. */
  waiting: number
  /** Previews that were not released. */
  planned: number
  /** Dead letters: not sent again until an operator retries or drops them. */
  dead: number
  /** Of all of these, those that may have been applied. */
  inDoubt: number
  /** Addresses that were captured: the issue, the message. */
  links: readonly Readonly<{
    /** Its name, as in `BIL-212`. */
    name: string
    /** Shown as a link when it begins with http. */
    url: string
  }>[]
}>

const renderSection = (title: string, body: string): string => `<section><h2>${title}</h2>${body}</section>`

const renderSmall = (...parts: readonly (string | undefined)[]): string => {
  const present = parts.filter(part => part !== undefined && part !== '')
  return present.length === 0 ? '' : `<small>${present.join(' · ')}</small>`
}

const renderTags = (tags: readonly string[]): string =>
  tags.length === 0 ? '' : tags.map(tag => `<span class="tag">${escapeHtml(tag, 200)}</span>`).join('')

const renderLine = (label: string, value: string | undefined): string =>
  value === undefined || value === '' ? '' : `\n${label}: ${formatText(value)}`

const showJson = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Renders a list whose items stay hidden until a reader opens it; printing shows them. */
const renderFolded = (id: string, label: string, list: string): string =>
  `<div><input class="fold" type="checkbox" id="${id}"><label for="${id}">${label}</label><div class="folded">${list}</div></div>`

/** The worst first; of the same severity, the oldest first. */
const compareBlockers = (a: Blocker, b: Blocker): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
  (parseTime(a.at) < parseTime(b.at) ? -1 : 1)

/** Counts open blockers for the header: `3 open blockers, 1 critical`. */
export const countBlockers = (session: Session): string | undefined => {
  const open = session.blockers.filter(each => each.resolvedAt === undefined)
  if (open.length === 0) return undefined
  const critical = open.filter(each => each.severity === 'critical').length
  return `${open.length} open blocker${open.length === 1 ? '' : 's'}${critical === 0 ? '' : `, ${critical} critical`}`
}

const COLORS: Readonly<Record<Blocker['severity'], string>> = {
  critical: 'bad',
  high: 'orange',
  medium: 'warn',
  low: 'soft',
}

const renderBlocker = (blocker: Blocker, session: Session, clock: Clock): string => {
  const { severity, at: time, resolvedAt } = blocker
  const state =
    resolvedAt === undefined
      ? `<b class="${COLORS[severity]}">${severity}, open for ${formatBetween(time, findLastAt(session))}</b>`
      : `${severity}, <span class="good">resolved after ${formatBetween(time, resolvedAt)}</span>`
  return `<li class="item ${resolvedAt === undefined ? severity : 'resolved'}">${formatText(blocker.description)}${renderLine('Resolution', blocker.resolution)}${renderSmall(
    state,
    escapeHtml(blocker.category, 200),
    renderTime(time, `${clock.day(time)} ${clock.minute(time)}`),
  )}</li>`
}

/** Renders the open blockers, the worst first. Empty when there are none. */
export const renderOpenBlockers = (session: Session, clock: Clock): string => {
  const open = session.blockers.filter(each => each.resolvedAt === undefined).sort(compareBlockers)
  if (open.length === 0) return ''
  return renderSection(
    'Open blockers',
    `<ul>${open.map(each => renderBlocker(each, session, clock)).join('')}</ul>`,
  )
}

/** Renders the resolved blockers, folded. Empty when there are none. */
export const renderResolvedBlockers = (session: Session, clock: Clock): string => {
  const resolved = session.blockers.filter(each => each.resolvedAt !== undefined)
  if (resolved.length === 0) return ''
  const list = `<ul>${resolved.map(each => renderBlocker(each, session, clock)).join('')}</ul>`
  return renderSection('Resolved blockers', renderFolded('resolved', `Show ${resolved.length}`, list))
}

/** Renders the decisions, those that were superseded marked as such. */
export const renderDecisions = (session: Session, clock: Clock): string => {
  if (session.decisions.length === 0) return ''
  const superseded = new Set(session.decisions.map(each => each.supersedes))
  const items = session.decisions.map(each => {
    const old = superseded.has(each.decisionId)
    return [
      `<li class="item${old ? ' resolved' : ''}"><strong>${formatText(each.content)}</strong>`,
      renderLine('Why', each.rationale),
      renderLine('Instead of', each.alternatives.join('; ')),
      renderLine('Impact', each.impact),
      renderLine('Concerns', each.relatedEntities.join(', ')),
      renderSmall(
        old ? '<b>superseded</b>' : undefined,
        each.category === undefined ? undefined : escapeHtml(each.category, 200),
        renderTime(each.at, `${clock.day(each.at)} ${clock.minute(each.at)}`),
      ),
      '</li>',
    ].join('')
  })
  return renderSection('Decisions', `<ul>${items.join('')}</ul>`)
}

/** Renders what the work touched as a table; a column in which nothing stands is left out. */
export const renderEntities = (session: Session): string => {
  if (session.entities.length === 0) return ''
  const rows = session.entities.map(({ name, type, path = '', description = '', properties }) => ({
    Name: formatText(name),
    Type: escapeHtml(type, 200),
    Path: /^https?:/i.test(path) ? renderLink(path, path) : escapeHtml(path, 2_000),
    About: formatText(description),
    Properties: Object.entries(properties)
      .map(([key, value]) => `${escapeHtml(key, 200)}: ${escapeHtml(showJson(value), 1_000)}`)
      .join('<br>'),
  }))
  const columns = (['Name', 'Type', 'Path', 'About', 'Properties'] as const).filter(column =>
    rows.some(row => row[column] !== ''),
  )
  const head = columns.map(column => `<th>${column}</th>`).join('')
  const body = rows.map(row => {
    const cells = columns.map(
      column =>
        `<td data-label="${column}"${row[column] === '' ? ' class="none"' : ''}><span>${row[column]}</span></td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  return renderSection(
    'Touched',
    `<table class="stack"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`,
  )
}

/** Above this many, the older updates are folded. */
const SHOWN = 30

const renderDays = (updates: Session['updates'], clock: Clock): string => {
  const days = new Map<string, string[]>()
  for (const { description, progress, at: time, nextSteps = [], tags } of updates) {
    const item = [
      `<li class="item">${formatText(description)}${renderLine('Next', nextSteps.join('; '))}`,
      renderSmall(
        progress === undefined ? undefined : `<b>${progress} %</b>`,
        renderTime(time, clock.minute(time)),
      ),
      `${renderTags(tags)}</li>`,
    ].join('')
    const day = clock.day(time)
    days.set(day, [...(days.get(day) ?? []), item])
  }
  return [...days].map(([day, items]) => `<h3>${day}</h3><ol>${items.join('')}</ol>`).join('')
}

/** Renders the updates, newest first and by day. */
export const renderUpdates = (session: Session, clock: Clock): string => {
  if (session.updates.length === 0) return renderSection('Updates', '<p class="soft">No updates yet.</p>')
  const newest = [...session.updates].reverse()
  const older = newest.slice(SHOWN)
  const folded =
    older.length === 0
      ? ''
      : renderFolded('older', `Show ${older.length} earlier updates`, renderDays(older, clock))
  return renderSection('Updates', `${renderDays(newest.slice(0, SHOWN), clock)}${folded}`)
}

const COLUMNS = [
  ['delivered', 'Delivered', 'good'],
  ['waiting', 'On their way', 'warn'],
  ['planned', 'To review', 'soft'],
  ['inDoubt', 'In doubt', 'warn'],
  ['dead', 'Dead', 'bad'],
] as const

/** Renders what became of the session in each service: one line when everything arrived, else a table. */
export const renderMirrors = (mirrors: readonly Mirror[]): string => {
  if (mirrors.length === 0) return ''
  const named = mirrors.map(each => ({
    ...each,
    // Names as the configuration and the cards have them; a link that is called like its adapter says it once.
    title: [
      ...(each.links.some(({ name }) => name === each.adapter) ? [] : [escapeHtml(each.adapter, 200)]),
      ...each.links.map(({ name, url }) => renderLink(name, url)),
    ].join(' '),
  }))
  const open = named.filter(each => each.waiting + each.planned + each.inDoubt + each.dead > 0)
  if (open.length === 0)
    return renderSection(
      'Services',
      `<p><span class="good">${named.length === 1 ? 'Up to date' : `All ${named.length} up to date`}:</span> ${named.map(each => each.title).join(' · ')}</p>`,
    )
  const rows = named.map(each => {
    const cells = COLUMNS.map(([count, label, color]) => {
      const value = each[count]
      return `<td data-label="${label}" class="n ${value === 0 ? 'none' : color}">${value === 0 ? '–' : value}</td>`
    })
    return `<tr><td data-label="Service"><span>${each.title}</span></td>${cells.join('')}</tr>`
  })
  const head = COLUMNS.map(([, label]) => `<th class="n">${label}</th>`).join('')
  return renderSection(
    'Services',
    `<table class="stack"><thead><tr><th>Service</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
  )
}

const LINKS = { continues: 'Continues', references: 'References', depends_on: 'Depends on' } as const

const describeUsage = ({ inputTokens, outputTokens, costUsd }: Usage): string =>
  [
    inputTokens === undefined ? '' : `${inputTokens.toLocaleString('en')} tokens in`,
    outputTokens === undefined ? '' : `${outputTokens.toLocaleString('en')} tokens out`,
    costUsd === undefined ? '' : `${costUsd} USD`,
  ]
    .filter(part => part !== '')
    .join(', ')

/** Renders what identifies the session, its links to others, and its metadata. */
export const renderDetails = (session: Session): string => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Session', session.id],
    ['Continues', session.previousId],
    ['Part of', session.parentId],
    ...(session.links ?? []).map(({ kind, sessionId }) => [LINKS[kind], sessionId] as const),
    ['Workspace', session.workspace],
    ['Machine', session.machine],
    ['Usage', session.usage === undefined ? undefined : describeUsage(session.usage)],
    ...Object.entries(session.refs).flatMap(([adapter, names]) =>
      Object.entries(names).map(([name, value]) => [`${adapter}.${name}`, value] as const),
    ),
    ...Object.entries(session.metadata).map(([name, value]) => [name, showJson(value)] as const),
  ]
  const list = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escapeHtml(name, 200)}</dt><dd>${escapeHtml(value, 2_000)}</dd>`],
  )
  return renderSection('Details', `<dl>${list.join('')}</dl>`)
}
