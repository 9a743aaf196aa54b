// Makes every service fail in every way, and writes what became of it into docs/faults.md.
//   pnpm faults
import { readFile, writeFile } from 'node:fs/promises'
import { PAGE, runMatrix, tables, withTables } from './matrix/matrix.ts'

const results = await runMatrix()
const problems = results.flatMap(({ target, fault, cell }) =>
  cell.problems.map(problem => `${target.name}, ${fault.name}: ${problem}`),
)
for (const problem of problems) console.log(problem)
if (problems.length > 0) process.exitCode = 1
else {
  await writeFile(PAGE, withTables(await readFile(PAGE, 'utf8'), tables(results)))
  console.log(`${results.length} failures, each as it should be; written to docs/faults.md`)
}
