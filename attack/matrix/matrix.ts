import type { Target } from '../targets/target.ts'
import { TARGETS } from '../targets.ts'
import { type Cell, isDeceived, PARTS, type Part, runCell } from './cell.ts'
import { FAULTS, type Fault } from './failures.ts'

/** One failure at one service, and what became of it. */
export type Result = Readonly<{ target: Target; fault: Fault; cell: Cell }>

/** So many at once: some of the time of each is waiting for a socket or a file. */
const AT_ONCE = 8

/**
 * Runs every failure at every service, or the pairs that `isWanted` chooses by their places, in the parts of `partsOf`. Each
 * pair asks the service that repeats our credential, or with `asksOnce` the first pair of each service.
 */
export const runMatrix = async (
  targets: readonly Target[] = TARGETS,
  faults: readonly Fault[] = FAULTS,
  isWanted: (fault: number, target: number) => boolean = () => true,
  partsOf: (fault: Fault, target: Target) => readonly Part[] = () => PARTS,
  asksOnce = false,
): Promise<readonly Result[]> => {
  const todo = faults.flatMap((fault, n) =>
    targets.flatMap((target, m) => (isWanted(n, m) ? [{ target, fault }] : [])),
  )
  const results: Result[] = []
  const asked = new Set<Target>()
  let next = 0
  const work = async (): Promise<void> => {
    for (let place = next++; place < todo.length; place = next++) {
      const { target, fault } = todo[place] as (typeof todo)[number]
      const asks = !asksOnce || !asked.has(target)
      asked.add(target)
      results[place] = { target, fault, cell: await runCell(target, fault, partsOf(fault, target), asks) }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

const HEADINGS: Readonly<Record<Part, string>> = {
  card: 'When the card is made',
  edit: 'When the card is edited',
  entry: 'When an entry is made below it',
  link: 'When it is linked to a card in another tool',
}

/** A table whose columns stand below each other, as the formatter of the pages writes it. */
const align = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head, ' '), line([], '-'), ...body.map(row => line(row, ' '))]
}

const tableOf = (part: Part, results: readonly Result[]): string => {
  const names = TARGETS.filter(({ name }) =>
    results.some(({ target, cell }) => target.name === name && cell.ways[part] !== undefined),
  ).map(({ name }) => name)
  const faults = [...new Set(results.map(({ fault }) => fault))]
  const cellOf = (fault: Fault, name: string): string => {
    const found = results.find(each => each.fault === fault && each.target.name === name)
    const way = found?.cell.ways[part] ?? ''
    const isUnnoticed = found !== undefined && isDeceived(fault, found.target)
    return isUnnoticed && way === 'at once' ? 'not noticed' : way
  }
  return [
    `### ${HEADINGS[part]}`,
    '',
    ...align([
      ['', ...names],
      ...faults.map(fault => [fault.name, ...names.map(name => cellOf(fault, name))]),
    ]),
  ].join('\n')
}

/** The tables, as they stand in the documentation. */
export const tables = (results: readonly Result[]): string =>
  PARTS.map(part => tableOf(part, results)).join('\n\n')

const BEGIN = '<!-- faults: written by `pnpm faults` -->'
const END = '<!-- end of faults -->'

/** The page with other tables between its marks. Throws when it has no marks. */
export const withTables = (page: string, text: string): string => {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error('The page has no place for the tables.')
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`
}

/** Where the tables stand. */
export const PAGE = new URL('../../docs/faults.md', import.meta.url)
