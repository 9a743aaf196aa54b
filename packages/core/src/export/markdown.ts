import {
  type Blocker,
  type Decision,
  type Entity,
  namePeople,
  type Session,
  type Update,
} from '../session/session.ts'
import { cleanText } from '../session/text.ts'

/** Lines of a text without control characters and without characters that change its direction. */
const linesOf = (text: string): readonly string[] => cleanText(text).split('\n')

/** Every sign that can begin markup inside a line. A bare address is kept plain by its slashes, `www.` by its dot. */
const inline = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]<>&~|$!^]/g, '\\$&')
    .replaceAll('//', '/\\/')
    .replace(/(?<=\bmailto|\bxmpp):/gi, '\\:')
    .replace(/(?<=\bwww)\./gi, '\\.')
    .replace(/@(?=\w)/g, '\\@')

/** Signs that begin a block at the start of a line: headings, lists, rules, quotes, tables of contents, code by indentation. */
const start = (line: string): string =>
  line
    .trim()
    .replace(/^([#+=:-])/, '\\$1')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')

const escapeLines = (text: string): readonly string[] => linesOf(text).map(line => start(inline(line)))

/** Text on one line. */
const line = (text: string): string => start(inline(linesOf(text).join(' ').trim()))

/** Text of any length as a quote: whatever it holds stays inside. */
const quote = (text: string): string =>
  escapeLines(text)
    .map(each => (each === '' ? '>' : `> ${each}`))
    .join('\n')

const field = (label: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`- **${label}:** ${line(value)}`]

const list = (label: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`- **${label}:**`, ...values.map(value => `  - ${line(value)}`)]

const block = (...parts: readonly (readonly string[])[]): string =>
  parts
    .filter(part => part.length > 0)
    .map(part => part.join('\n'))
    .join('\n\n')

const update = ({ at, description, progress, tags, nextSteps = [] }: Update): string =>
  block(
    [`### ${at}${progress === undefined ? '' : `, ${progress} %`}`],
    [quote(description)],
    [...list('Next', nextSteps), ...field('Tags', tags.length === 0 ? undefined : tags.join(', '))],
  )

/** Only where it was said: else the session's own people stand in its head. */
const nameAuthor = ({ author }: Decision | Blocker): string | undefined =>
  author === undefined
    ? undefined
    : author.kind === 'person'
      ? (author.name ?? 'a person')
      : `the model ${author.name ?? ''}`.trim()

const decision = (each: Decision): string =>
  block(
    [`### ${line(each.content)}`],
    [
      ...field('Decided', each.at),
      ...field('By', nameAuthor(each)),
      ...field('Id', each.decisionId),
      ...field('Why', each.rationale),
      ...list('Instead of', each.alternatives),
      ...field('Impact', each.impact),
      ...field('Category', each.category),
      ...field('Supersedes', each.supersedes),
      ...list('About', each.relatedEntities),
    ],
  )

const blocker = (each: Blocker): string =>
  block(
    [`### ${each.resolvedAt === undefined ? 'Open' : 'Resolved'}: ${line(each.description)}`],
    [
      ...field('Since', each.at),
      ...field('By', nameAuthor(each)),
      ...field('Severity', each.severity),
      ...field('Category', each.category),
      ...field('Resolved', each.resolvedAt),
      ...field('How', each.resolution),
    ],
  )

const entity = (each: Entity): readonly string[] => [
  `- **${line(each.type)}:** ${line(each.name)}${each.path === undefined ? '' : ` (${line(each.path)})`}`,
  ...(each.description === undefined ? [] : [`  - ${line(each.description)}`]),
  ...Object.entries(each.properties).map(
    ([name, value]) =>
      `  - ${line(name)}: ${line(typeof value === 'string' ? value : JSON.stringify(value))}`,
  ),
]

const section = (title: string, parts: readonly string[]): readonly (readonly string[])[] =>
  parts.length === 0 ? [] : [[`## ${title}`], ...parts.map(part => [part])]

/**
 * A session as Markdown for people: everything it holds, oldest first. Text from outside is escaped, line by line: it
 * cannot end its section, begin a heading, a list, a table, a code block or HTML, nor become a link.
 */
export const toMarkdown = (session: Session): string =>
  `${block(
    [`# ${line(session.title)}`],
    [
      ...field('Project', session.project),
      ...field('By', namePeople(session)),
      ...field('Status', `${session.status}, ${session.progress} %`),
      ...field('Started', session.startedAt),
      ...field('Ended', session.endedAt),
      ...field('Session', session.id),
      ...field('Follows', session.previousId),
      ...field('Part of', session.parentId),
      ...list(
        'References',
        Object.entries(session.refs).flatMap(([adapter, names]) =>
          Object.entries(names).map(([name, value]) => `${adapter}.${name}: ${value}`),
        ),
      ),
    ],
    ...section(
      'Goal',
      session.goal === undefined || session.goal === session.title ? [] : [quote(session.goal)],
    ),
    ...section('Summary', session.summary === undefined ? [] : [quote(session.summary)]),
    ...section('Blockers', session.blockers.map(blocker)),
    ...section('Decisions', session.decisions.map(decision)),
    ...section('Updates', session.updates.map(update)),
    ...section('Touched', session.entities.length === 0 ? [] : [session.entities.flatMap(entity).join('\n')]),
  )}\n`
