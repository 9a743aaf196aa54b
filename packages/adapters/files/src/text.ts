import {
  type Card,
  cleanText,
  createMarkdown,
  type Entry,
  oneLine,
  type provenance,
  provenanceText,
  type Session,
  type SessionEvent,
  tellStanding,
  type Writing,
} from '@sessionwire/core/adapter'
import type { FilesConfig } from './config.ts'
import { type Property, propertyLine } from './patch.ts'

/**
 * Markdown of Obsidian: tags, links between notes, block ids, comments, highlights and formulas are markup too. The margin is
 * room for provenance.
 */
export const markdown = createMarkdown({
  margin: 300,
  signs: /[\\`*_[\]<>~|&#^$]|%(?=%)|=(?==)|@(?=[\p{L}\p{N}_])/gu,
  address: /\/\/[^\s/]|[^\s.]\.\p{L}[\p{L}\p{M}]|mailto:/iu,
})

type Origin = Parameters<typeof provenance>[0]

const writing = ({ links, maxLength }: FilesConfig): Writing => ({ links, maxLength })

/** The lines around the card of a session: comments, which neither Obsidian nor GitHub shows. */
export const marksOf = (id: string) => ({
  open: `<!-- session ${id} begin -->`,
  close: `<!-- session ${id} end -->`,
})

/** The card, with its provenance in a comment. */
export const cardText = (shown: Card, origin: Origin, config: FilesConfig, url: string | undefined): string =>
  `${markdown.card(shown, writing(config), url === undefined ? {} : { url })}\n\n<!-- ${provenanceText(origin)} -->`

/** Parts of a time in the configured zone. */
const partsOf = (time: string, { timeZone }: FilesConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    })
      .formatToParts(new Date(time))
      .map(({ type, value }) => [type, value]),
  )

/** A day, as in `2026-01-02`. */
export const dayOf = (time: string, config: FilesConfig): string => {
  const { year, month, day } = partsOf(time, config)
  return `${year}-${month}-${day}`
}
const clockOf = (time: string, config: FilesConfig): string => {
  const { hour, minute } = partsOf(time, config)
  return `${hour}:${minute}`
}

/** The path of the daily note of a time. */
export const dailyPath = (time: string, config: FilesConfig): string => {
  const { year = '', month = '', day = '' } = partsOf(time, config)
  const name = config.dailyFormat.replaceAll('YYYY', year).replaceAll('MM', month).replaceAll('DD', day)
  return `${config.dailyFolder === '' ? '' : `${config.dailyFolder}/`}${name}.md`
}

/** Properties of a session; names begin alike, as a vault has one type for each name. */
export const propertiesOf = (session: Session, card: Card): Readonly<Record<string, Property>> => {
  const { id, project, user, agent, startedAt, endedAt } = session
  const text = (value: string) => oneLine(value, 200)
  return {
    session: id,
    session_status: card.standing,
    session_progress: card.progress,
    session_project: text(project),
    session_user: text(user),
    ...(agent === undefined ? {} : { session_agent: text(agent) }),
    session_started: startedAt,
    ...(endedAt === undefined ? {} : { session_ended: endedAt }),
    ...(card.links === undefined ? {} : { session_links: card.links.map(({ url }) => url) }),
  }
}

/** The heading of the entries in a session's note. */
export const LOG = 'Log'

/** A new note of a session. */
export const noteText = (session: Session, card: Card, block: string, config: FilesConfig): string => {
  const { open, close } = marksOf(session.id)
  const properties = {
    ...propertiesOf(session, card),
    ...(config.tags.length === 0 ? {} : { tags: config.tags }),
  }
  const head = Object.entries(properties).map(([name, value]) => propertyLine(name, value))
  const title = markdown.inline(card.title, 200, config.links) || 'Session'
  return ['---', ...head, '---', '', `# ${title}`, '', open, block, close, '', `## ${LOG}`, ''].join('\n')
}

const ROW_UNITS = 1_000
/** An entry as one item of a list, which ends with its mark: a block id, to which other notes can link. */
export const entryLine = (shown: Entry, time: string, mark: string, config: FilesConfig): string => {
  const write = (text: string, units: number) => markdown.inline(text, units, config.links)
  const rows = shown.rows.map(
    row => `${row.label}: ${write('text' in row ? row.text : row.items.join(' · '), ROW_UNITS)}`,
  )
  const body = [write(shown.text, 2_000), ...rows].filter(part => part !== '').join(' — ')
  return `- ${dayOf(time, config)} ${clockOf(time, config)} **${write(shown.heading, 200)}** ${body} ${mark}`
}

/** A text of a caller as one item of the list. */
export const textLine = (text: string, mark: string, config: FilesConfig): string =>
  `- ${markdown.inline(text, 4_000, config.links)} ${mark}`

/** A line of the daily note: the time, a link to the session's note, and how it stands. */
export const dailyLine = (
  event: SessionEvent,
  card: Card,
  path: string,
  mark: string,
  config: FilesConfig,
): string => {
  const title =
    oneLine(card.title, 120)
      .replace(/[[\]|#^\\]|%%/g, ' ')
      .replace(/\s+/g, ' ')
      .trim() || 'Session'
  const verb = event.type === 'start' ? 'started' : tellStanding(card)
  return `- ${clockOf(event.time, config)} [[${path.replace(/\.md$/, '')}|${title}]] ${verb} ${mark}`
}

/** A decision record by MADR 4.0. */
export const adrText = (
  decision: SessionEvent<'decision'>['payload'],
  event: SessionEvent,
  session: Session,
  config: FilesConfig,
): string => {
  const block = (text: string) => markdown.block(text, 20_000, config.links)
  const line = (text: string) => markdown.inline(text, 1_000, config.links)
  const { content, rationale, alternatives = [], impact, category } = decision
  const options = [content, ...alternatives]
  return [
    '---',
    'status: "accepted"',
    `date: ${dayOf(event.time, config)}`,
    propertyLine(
      'decision-makers',
      [session.user, ...(session.agent === undefined ? [] : [session.agent])].map(each => oneLine(each, 200)),
    ),
    propertyLine('session', session.id),
    propertyLine('session_decision', decision.decisionId),
    '---',
    '',
    `# ${line(cleanText(content).split('\n')[0] ?? '') || 'Decision'}`,
    '',
    '## Context and Problem Statement',
    '',
    block(session.goal ?? session.title) || '…',
    '',
    '## Considered Options',
    '',
    ...options.map(option => `- ${line(option) || '…'}`),
    '',
    '## Decision Outcome',
    '',
    `Chosen option: "${line(content)}"${rationale === undefined ? '.' : `, because ${line(rationale)}`}`,
    ...(impact === undefined ? [] : ['', '### Consequences', '', block(impact)]),
    ...(category === undefined ? [] : ['', '## More Information', '', `Category: ${line(category)}`]),
    '',
  ].join('\n')
}
