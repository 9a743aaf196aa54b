// Measures what is promised, each against a floor in the same run: pnpm bench [name of a part …]
import { append } from './append.ts'
import { backlog } from './backlog.ts'
import { drain } from './drain.ts'
import { entry } from './entry.ts'
import { graph } from './graph.ts'
import { machine, type Row, report } from './measure.ts'
import { openSessions } from './open.ts'
import { planning } from './planning.ts'

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  planning,
  append,
  drain,
  backlog,
  open: openSessions,
  entry,
  graph,
}
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !Object.hasOwn(parts, name))
if (unknown.length > 0) {
  process.stderr.write(
    `no part is called ${unknown.join(', ')}; there is: ${Object.keys(parts).join(', ')}\n`,
  )
  process.exit(2)
}
const rows: Row[] = []
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  rows.push(...(await part()))
}
process.stdout.write(`${machine()}\n\n${report(rows)}\n`)
process.exitCode = rows.every(row => row.holds) ? 0 : 1
