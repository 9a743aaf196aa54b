// Sums up a run: a table of its steps, then one line of its own, "N passed, N failed".
// Runs on the machine's own Node, before or without an install.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const reports = process.argv[2] ?? '.ci/reports'

const tree = folder =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|src)$/.test(entry.name) ? [] : tree(path)
    return entry.isFile() ? [path] : []
  })
const files = ['packages', 'examples', 'test', 'attack'].flatMap(tree)
const isService = path => path.endsWith('.service.test.ts')

/** Which files a suite must have run. */
const expected = {
  unit: files.filter(path => /\.test(-d)?\.ts$/.test(path) && !isService(path)),
  oldest: files.filter(path => /^packages\/core\/.*\.test\.ts$/.test(path) && !isService(path)),
  services: files.filter(isService),
}

/** A suite's tests, from its report. A skipped test, a file that did not run and a run that broke are failures. */
const suite = (name, code) => {
  const path = join(reports, `${name}.json`)
  if (!existsSync(path)) return { passed: 0, problems: ['no report was written'] }
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'))
  const ran = new Set(testResults.map(file => relative(root, file.name)))
  const tests = testResults.flatMap(file => file.assertionResults.map(test => ({ file, ...test })))
  const problems = [
    ...tests
      .filter(test => test.status !== 'passed')
      .map(test => `${test.status}: ${relative(root, test.file.name)}: ${test.fullName}`),
    ...testResults
      .filter(
        file => file.status !== 'passed' && file.assertionResults.every(test => test.status === 'passed'),
      )
      .map(file => `did not run: ${relative(root, file.name)}: ${file.message.split('\n')[0]}`),
    ...expected[name].filter(file => !ran.has(file)).map(file => `not in the report: ${file}`),
  ]
  if (tests.length === 0) problems.push('no test ran')
  if (code !== 0 && problems.length === 0) problems.push(`exit code ${code}, although every test passed`)
  return { passed: tests.filter(test => test.status === 'passed').length, problems }
}

const results = readFileSync(join(reports, 'steps.tsv'), 'utf8')
  .trim()
  .split('\n')
  .map(line => {
    const [name, code, started, ended] = line.split('\t')
    const seconds = Number(ended.replace(',', '.')) - Number(started.replace(',', '.'))
    const failed = Number(code) !== 0
    const counted =
      name in expected
        ? suite(name, Number(code))
        : { passed: failed ? 0 : 1, problems: failed ? [`exit code ${code}`] : [] }
    return { name, seconds, ...counted }
  })

for (const [name, expectedFiles] of Object.entries(expected)) {
  if (expectedFiles.length > 0 && !results.some(each => each.name === name))
    results.push({ name, seconds: 0, passed: 0, problems: ['the suite was not run'] })
}

const width = Math.max(...results.map(({ name }) => name.length))
const row = (...cells) => console.log(cells.join('  '))
row('step'.padEnd(width), 'passed'.padStart(7), 'failed'.padStart(7), 'seconds'.padStart(8))
for (const { name, passed, problems, seconds } of results) {
  row(
    name.padEnd(width),
    String(passed).padStart(7),
    String(problems.length).padStart(7),
    seconds.toFixed(1).padStart(8),
  )
}
for (const { name, problems } of results) for (const problem of problems) console.log(`${name}: ${problem}`)

const total = pick => results.reduce((sum, result) => sum + pick(result), 0)
const failed = total(({ problems }) => problems.length)
console.log(`${total(({ passed }) => passed)} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
