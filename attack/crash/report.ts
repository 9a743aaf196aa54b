import type { RunReport } from './run.ts'
import type { Verdict } from './verdict.ts'

const sum = (counts: readonly number[]): number => counts.reduce((all, each) => all + each, 0)

/** How often something was killed in a run. */
export const killsIn = ({ kills }: RunReport): number => sum(Object.values(kills))

const table = (rows: readonly (readonly (string | number)[])[]): string => {
  const widths = (rows[0] ?? []).map((_, place) => Math.max(...rows.map(row => String(row[place]).length)))
  return rows
    .map(row =>
      row
        .map((cell, place) =>
          place === 0 ? String(cell).padEnd(widths[place] ?? 0) : String(cell).padStart(widths[place] ?? 0),
        )
        .join('  '),
    )
    .join('\n')
}

/** Everything of all runs: where was killed how often, and what became of each adapter. */
export const summary = (runs: readonly RunReport[], names: readonly string[]): string => {
  const points = new Map<string, number>()
  for (const { kills } of runs)
    for (const [point, times] of Object.entries(kills)) points.set(point, (points.get(point) ?? 0) + times)
  const of = (name: string, pick: (verdict: Verdict) => number): number =>
    sum(runs.flatMap(({ verdicts }) => verdicts.filter(each => each.adapter === name).map(pick)))
  const rows = names.map(name => [
    name,
    of(name, each => each.recorded),
    of(name, each => each.delivered),
    sum(runs.map(({ found }) => found[name] ?? 0)),
    of(name, each => each.inDoubt),
    of(name, each => each.lost),
    of(name, each => each.doubled),
  ])
  return [
    table([['killed', 'times'], ...[...points].sort()]),
    '',
    table([['adapter', 'recorded', 'delivered', 'looked up', 'left in doubt', 'lost', 'doubled'], ...rows]),
    '',
    `three kills in a row left ${sum(runs.map(({ retried }) => retried))} deliveries dead; they were retried`,
  ].join('\n')
}
