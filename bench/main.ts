// Measures what is promised, each against a floor in the same run: pnpm bench [name of a part …]
import { append } from './append.ts'
import { backlog } from './backlog.ts'
import { diagnostics } from './diagnostics.ts'
import { drain } from './drain.ts'
import { entry } from './entry.ts'
import { notes } from './files.ts'
import { graph } from './graph.ts'
import { links } from './links.ts'
import { machine, type Row, report } from './measure.ts'
import { openSessions } from './open.ts'
import { planning } from './planning.ts'

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  planning,
  append,
  drain,
  files: notes,
  backlog,
  open: openSessions,
  entry,
  graph,
  diagnostics,
  links,
}
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !Object.hasOwn(parts, name))
if (unknown.length > 0) {
  process.stderr.write(
    `no part is called ${unknown.join(', ')}; there is: ${Object.keys(parts).join(', ')}\n`,
  )
  process.exit(2)
}
const secondsSince = (from: number): string => `${Math.round((performance.now() - from) / 1_000)} s`

const rows: Row[] = []
const began = performance.now()
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const from = performance.now()
  process.stderr.write(`${name} … `)
  rows.push(...(await part()))
  process.stderr.write(`${secondsSince(from)}\n`)
}
const met = rows.filter(row => row.holds).length
process.stdout.write(
  `${machine()}\n\n${report(rows)}\n\n${met} of ${rows.length} met, in ${secondsSince(began)}\n`,
)
process.exitCode = rows.every(row => row.holds) ? 0 : 1
