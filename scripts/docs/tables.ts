// Writes the tables that come from the adapters' code into the pages: pnpm docs:tables
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Action, AnyAdapter, Draft, Read } from '../../packages/core/src/adapter.ts'
import { guarantee, plan } from '../../packages/core/src/adapter.ts'
import { story } from '../../packages/core/src/testing.ts'
import { ROOT } from './pages.ts'
import { SERVICES, type Service, type Way } from './services.ts'

type Given = Readonly<{ guarantee: string; asterisk?: string }>
type AnyAction = Action<never, unknown> | Read<never, never, unknown>

/** Rows of Markdown, padded as the formatter pads them. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map(row => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...rest] = rows
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rest.map(line)].join('\n')
}

const SIGNS = ['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']

/** Remembers the reasons of asterisks; gives each its sign. */
const footnotes = () => {
  const reasons: string[] = []
  return {
    sign: (reason: string): string => {
      if (!reasons.includes(reason)) reasons.push(reason)
      return SIGNS[reasons.indexOf(reason)] ?? ''
    },
    text: (): string => reasons.map((reason, place) => `\n\n\\*${SIGNS[place]} ${reason}`).join(''),
  }
}

type Notes = ReturnType<typeof footnotes>

/** How a guarantee is written: by its word, or in plain words. */
type Saying = (guarantee: string) => string

const sayWord: Saying = guarantee => `\`${guarantee}\``

const PLAIN: Readonly<Record<string, string>> = {
  native: 'we check before sending again',
  reconcile: 'we check before sending again',
  upsert: 'sent again, which is harmless',
  'at-most-once': 'not sent again, you decide',
}

const sayPlainly: Saying = guarantee => PLAIN[guarantee] ?? guarantee

/** Each saying once, with the signs of all its reasons. */
const formatGuarantees = (given: readonly Given[], notes: Notes, say: Saying = sayWord): string =>
  [...new Set(given.map(each => say(each.guarantee)))]
    .map(saying => {
      const reasons = given.flatMap(({ guarantee, asterisk }) =>
        say(guarantee) === saying && asterisk !== undefined ? [notes.sign(asterisk)] : [],
      )
      const signs = [...new Set(reasons)].sort((a, b) => SIGNS.indexOf(a) - SIGNS.indexOf(b)).join('\u2009')
      return `${saying}${signs === '' ? '' : `\\*${signs}`}`
    })
    .join(', ')

const addGuarantee = (draft: Draft): Given => ({ ...draft, guarantee: guarantee(draft) })

const actionsOf = ({ adapter }: Way): Readonly<Record<string, AnyAction>> =>
  adapter.actions as Readonly<Record<string, AnyAction>>

const findGuarantee = (way: Way, name: string): Given | undefined => {
  const action = actionsOf(way)[name]
  return action === undefined || action.effect === 'read'
    ? undefined
    : action.guarantee(way.adapter.config as never)
}

/** One word where all ways of a service agree, else each with its name. */
const guaranteeOf = ({ ways }: Service, name: string, notes: Notes): string => {
  const words = ways.flatMap(way => {
    const given = findGuarantee(way, name)
    return given === undefined ? [] : [[way.name, formatGuarantees([given], notes)] as const]
  })
  const [first] = words
  if (first === undefined) return ''
  if (words.every(([, word]) => word === first[1])) return first[1]
  return words.map(([way, word]) => (way === '' ? word : `${way}: ${word}`)).join('; ')
}

const about = (service: Service, name: string): string => {
  const ways = service.ways.filter(way => Object.hasOwn(actionsOf(way), name))
  const text = ways.map(way => actionsOf(way)[name]?.about ?? '')[0] ?? ''
  const only = ways.length < service.ways.length ? ways.map(way => way.name).filter(each => each !== '') : []
  return `${text}${only.length === 0 ? '' : ` (${only.join(', ')} only)`}`.replaceAll('|', '\\|')
}

/** Every action of a service: what it does, its effect and guarantee. */
const actionTable = (service: Service): string => {
  const notes = footnotes()
  const names = [...new Set(service.ways.flatMap(way => Object.keys(actionsOf(way))))].sort()
  const rows = names.map(name => {
    const effect =
      service.ways.map(way => actionsOf(way)[name]?.effect).find(each => each !== undefined) ?? ''
    return [`\`${name}\``, effect, guaranteeOf(service, name, notes), about(service, name)]
  })
  return table([['action', 'effect', 'guarantee', ''], ...rows]) + notes.text()
}

const planSession = (adapter: AnyAdapter): readonly Draft[] =>
  story().flatMap(({ event, session }) => plan(adapter, event, session))

/** The guarantee of those requests of a session that `pick` chooses, for each way of a service. */
const sureness = (
  { ways }: Service,
  pick: (draft: Draft) => boolean,
  notes: Notes,
  say: Saying = sayWord,
): string =>
  ways
    .flatMap(({ name, adapter }) => {
      const word = formatGuarantees(planSession(adapter).filter(pick).map(addGuarantee), notes, say)
      return word === '' ? [] : [[name, word] as const]
    })
    .filter(([, word], place, all) => place === 0 || word !== all[0]?.[1])
    .map(([name, word]) => (name === '' ? word : `${name}: ${word}`))
    .join('; ')

/** The service's page of tables, in `docs/adapters`. */
const pageOf = ({ title }: Service): string => `${title.toLowerCase()}.md`

const countOf = (service: Service): string => {
  const effects = new Map(
    service.ways.flatMap(way => Object.entries(actionsOf(way)).map(([name, { effect }]) => [name, effect])),
  )
  const reads = [...effects.values()].filter(effect => effect === 'read').length
  const writes = effects.size - reads
  return `${writes} ${writes === 1 ? 'write' : 'writes'}, ${reads} reads`
}

const isNew = ({ repeat }: Draft): boolean => repeat !== 'safe'

/** For the first page: what people see in each service, and what happens to a new item whose response is lost. */
const plainTable = (): string => {
  const notes = footnotes()
  const rows = SERVICES.map(service => [
    `[${service.title}](${service.folder}/README.md)`,
    service.sees,
    // Where everything is made by setting it, repeating is harmless.
    sureness(service, isNew, notes, sayPlainly) || sayPlainly('upsert'),
    countOf(service),
  ])
  const head = ['service', 'people see', 'if no response comes', 'actions you can call']
  return table([head, ...rows]) + notes.text()
}

/** The form of a session in each service, and its guarantees. */
const serviceTable = (): string => {
  const notes = footnotes()
  const rows = SERVICES.map(service => {
    const made = sureness(service, isNew, notes)
    const set = sureness(service, draft => !isNew(draft), notes)
    return [
      `[${service.title}](${pageOf(service)})`,
      service.session,
      // Where things are made by setting them, that word says it all.
      made || set,
      set,
      countOf(service),
    ]
  })
  const head = ['service', 'a session becomes', 'new items', 'edits and states', 'actions']
  return table([head, ...rows]) + notes.text()
}

/** Which requests each hook makes, with the default options. */
const hookTable = ({ ways: [{ adapter }] }: Service): string => {
  const notes = footnotes()
  const rows = story()
    .filter(({ event }, place, all) => all.findIndex(each => each.event.type === event.type) === place)
    .map(({ event, session }) => {
      const calls = plan(adapter, event, session).map(
        each => `\`${each.action}\` (${formatGuarantees([addGuarantee(each)], notes)})`,
      )
      return [event.type, calls.join(', ') || 'nothing']
    })
  return table([['hook', 'requests'], ...rows]) + notes.text()
}

/** A page with what stands between two marks replaced. Throws when the marks are not there. */
export const between = (page: string, mark: string, text: string): string => {
  const [begin, end] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no ${begin} … ${end} in the page`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}

/** Every page with a table in it, and what is to stand between which marks. */
const TABLES: readonly Readonly<{ path: string; mark: string; text: () => string }>[] = [
  { path: 'README.md', mark: 'services', text: plainTable },
  { path: 'docs/adapters/index.md', mark: 'services', text: serviceTable },
  ...SERVICES.flatMap(service => [
    { path: `docs/adapters/${pageOf(service)}`, mark: 'hooks', text: () => hookTable(service) },
    { path: `docs/adapters/${pageOf(service)}`, mark: 'actions', text: () => actionTable(service) },
    { path: `${service.folder}/README.md`, mark: 'actions', text: () => actionTable(service) },
  ]),
]

/** Pages whose tables differ from the code; `write` writes them again. */
export const stalePages = (write: boolean): readonly string[] =>
  TABLES.flatMap(({ path, mark, text }) => {
    const file = join(ROOT, path)
    const page = readFileSync(file, 'utf8')
    const wanted = between(page, mark, text())
    if (wanted === page) return []
    if (write) writeFileSync(file, wanted)
    return [path]
  })

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const path of stalePages(true)) process.stdout.write(`${path}\n`)
