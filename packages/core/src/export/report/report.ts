import type { Blocker, Session } from '../../session/schema.ts'
import { chart, minute } from './chart.ts'
import { escaped, linked, STYLE } from './html.ts'

/** What became of a session in one service, for its report. */
export type Mirrored = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** Deliveries that were applied. */
  delivered: number
  /** On their way: waiting, claimed or begun. */
  waiting: number
  /** Previews that nobody released. */
  planned: number
  /** Given up, until somebody retries or drops them. */
  dead: number
  /** Of all of these, those that may have been applied. */
  inDoubt: number
  /** Addresses that were captured: the issue, the message. */
  links: readonly Readonly<{
    /** What it is called, as in `BIL-212`. */
    name: string
    /** Shown as a link when it begins with http. */
    url: string
  }>[]
}>

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

const lasted = (from: string, to: string): string => {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from))
  const first = UNITS.findIndex(([unit]) => ms >= unit)
  if (first < 0) return '0 s'
  const [big, bigName] = UNITS[first] ?? UNITS[3]
  const [small, smallName] = UNITS[first + 1] ?? [1, '']
  const rest = Math.floor((ms % big) / small)
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 || smallName === '' ? '' : ` ${rest} ${smallName}`}`
}

const list = (title: string, items: readonly string[]): string =>
  items.length === 0
    ? ''
    : `<section><h2>${title}</h2><ul>${items.map(item => `<li class="item">${item}</li>`).join('')}</ul></section>`

const small = (...parts: readonly (string | undefined)[]): string => {
  const told = parts.filter(part => part !== undefined && part !== '')
  return told.length === 0 ? '' : `<small>${told.join(' · ')}</small>`
}

const decisions = (session: Session): string =>
  list(
    'Decisions',
    session.decisions.map(({ content, rationale, alternatives, time }) =>
      [
        `<strong>${escaped(content)}</strong>`,
        rationale === undefined ? '' : `\nWhy: ${escaped(rationale)}`,
        alternatives.length === 0
          ? ''
          : `\nInstead of: ${alternatives.map(each => escaped(each)).join('; ')}`,
        small(minute(time)),
      ].join(''),
    ),
  )

const standing = ({ resolvedAt, time }: Blocker, session: Session): string =>
  resolvedAt === undefined
    ? `<span class="bad">open for ${lasted(time, session.lastEventAt)}</span>`
    : `<span class="good">resolved after ${lasted(time, resolvedAt)}</span>`

const blockers = (session: Session): string =>
  list(
    'Blockers',
    session.blockers.map(blocker =>
      [
        escaped(blocker.description),
        blocker.resolution === undefined ? '' : `\nHow: ${escaped(blocker.resolution)}`,
        small(
          standing(blocker, session),
          escaped(blocker.severity),
          escaped(blocker.category),
          minute(blocker.time),
        ),
      ].join(''),
    ),
  )

const entities = (session: Session): string => {
  if (session.entities.length === 0) return ''
  const rows = session.entities.map(
    ({ name, type, path, description }) =>
      `<tr><td>${escaped(name)}</td><td>${escaped(type)}</td><td>${escaped(path ?? '')}</td><td>${escaped(description ?? '')}</td></tr>`,
  )
  return `<section><h2>Touched</h2><div class="wide"><table><thead><tr><th>Name</th><th>Type</th><th>Path</th><th>About</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

/** Above this many, the older updates are folded away. */
const SHOWN = 30

const updates = (session: Session): string => {
  const items = session.updates
    .map(({ description, progress, time, nextSteps }) =>
      [
        `<li class="item">${escaped(description)}`,
        nextSteps === undefined || nextSteps.length === 0
          ? ''
          : `\nNext: ${nextSteps.map(each => escaped(each)).join('; ')}`,
        `${small(progress === undefined ? undefined : `${progress} %`, minute(time))}</li>`,
      ].join(''),
    )
    .reverse()
  if (items.length === 0) return ''
  const older = items.slice(SHOWN)
  const folded =
    older.length === 0
      ? ''
      : `<details><summary>${older.length} earlier</summary><ol>${older.join('')}</ol></details>`
  return `<section><h2>Updates</h2><ol>${items.slice(0, SHOWN).join('')}</ol>${folded}</section>`
}

const mirrors = (all: readonly Mirrored[]): string => {
  if (all.length === 0) return ''
  const count = (value: number, tone: string): string =>
    `<td class="n${value > 0 ? ` ${tone}` : ''}">${value}</td>`
  const rows = all.map(each => {
    const links = each.links.map(({ name, url }) => linked(name, url)).join(', ')
    return `<tr><td>${escaped(each.adapter)}</td>${count(each.delivered, 'good')}${count(each.waiting, 'warn')}${count(each.planned, '')}${count(each.inDoubt, 'warn')}${count(each.dead, 'bad')}<td>${links}</td></tr>`
  })
  return `<section><h2>Mirrored into</h2><div class="wide"><table><thead><tr><th>Service</th><th class="n">Delivered</th><th class="n">On its way</th><th class="n">To review</th><th class="n">In doubt</th><th class="n">Given up</th><th>Links</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

/**
 * One self-contained HTML page of a session: progress over time as a drawing, decisions with reasons, blockers with how
 * long they lasted, what was touched, the updates, and what became of it in each service. Light and dark; nothing is
 * loaded from elsewhere and nothing in it runs, whatever the session's text says. Pure.
 */
export const renderReport = (session: Session, mirrored: readonly Mirrored[] = []): string => {
  const by = session.agent === undefined ? session.user : `${session.user} with ${session.agent}`
  const took = lasted(session.startedAt, session.endedAt ?? session.lastEventAt)
  const head = `${session.status}, ${session.progress} %`
  const goal =
    session.goal === undefined || session.goal === session.title ? '' : `<p>${escaped(session.goal)}</p>`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    // Even if something slipped through, nothing runs and nothing is loaded.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(session.title, 200)}</title><style>${STYLE}</style></head><body><header>`,
    `<h1>${escaped(session.title, 200)}</h1><p><strong>${head}</strong> <span class="soft">· ${escaped(by)} · ${escaped(session.project)} · ${minute(session.startedAt)} UTC, ${took}</span></p>`,
    goal,
    session.summary === undefined ? '' : `<p>${escaped(session.summary)}</p>`,
    `</header><section><h2>Progress</h2>${chart(session)}</section>`,
    decisions(session),
    blockers(session),
    entities(session),
    mirrors(mirrored),
    updates(session),
    '</body></html>\n',
  ].join('')
}
