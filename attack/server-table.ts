// Prints what the tests tried against the server, as tables: every endpoint, and every attempt to get in.
//   pnpm server:table [report.json]
// The report is that of a run of the tests (vitest --reporter=json); without one it runs the tests of the server itself. It fails
// when one of them did.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Test = Readonly<{ ancestorTitles: readonly string[]; title: string; status: string }>
type Report = Readonly<{
  testResults: readonly Readonly<{ name: string; assertionResults: readonly Test[] }>[]
}>

const ROOT = join(import.meta.dirname, '..')
const TRIED = ['attack', 'actions', 'http'].map(folder => `packages/server/test/${folder}/`)

const runTests = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-server-'))
  const file = join(folder, 'report.json')
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const words = ['run', '--project', 'unit', ...TRIED, '--typecheck.enabled=false']
  const report = ['--reporter=json', `--outputFile=${file}`]
  spawnSync(process.execPath, [vitest, ...words, ...report], { cwd: ROOT, stdio: 'ignore' })
  const text = readFileSync(file, 'utf8')
  rmSync(folder, { recursive: true })
  return text
}

const [given] = process.argv.slice(2)
const { testResults } = JSON.parse(given === undefined ? runTests() : readFileSync(given, 'utf8')) as Report
const inFolder = (folder: string): readonly Test[] =>
  testResults
    .filter(({ name }) => name.replaceAll('\\', '/').includes(`packages/server/test/${folder}/`))
    .flatMap(({ assertionResults }) => assertionResults)

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').slice(0, 400)
const countPassed = (tests: readonly Test[]): string => {
  const failed = tests.filter(({ status }) => status !== 'passed').length
  return failed === 0 ? `${tests.length} of ${tests.length}` : `**${failed} of ${tests.length} failed**`
}
const groupBy = (tests: readonly Test[], nameOf: (test: Test) => string | undefined) => {
  const groups = new Map<string, Test[]>()
  for (const each of tests) {
    const name = nameOf(each)
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return groups
}
const print = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const lines = [head, head.map(() => '---'), ...rows].map(each => `| ${each.map(cell).join(' | ')} |`)
  console.log(`${lines.join('\n')}\n`)
}

const apis = groupBy(inFolder('http'), ({ ancestorTitles: [name] }) =>
  name?.match(/^(?:GET|POST) \//) ? name : undefined,
)
const TAIGA = 'every endpoint against the hostile Taiga'
const taiga = groupBy(inFolder('actions'), ({ ancestorTitles: [name], title }) =>
  name === TAIGA && /^(?:\w+_\w+|statuses) /.test(title) ? `/actions/${title.split(' ')[0]}` : undefined,
)
const attempts = groupBy(inFolder('attack'), ({ ancestorTitles: [name = 'how much and how long'] }) => name)
console.log('## Endpoints\n')
print(
  ['endpoint', 'tried', 'held'],
  [...apis, ...taiga].map(([name, tests]) => [
    `\`${name}\``,
    tests.map(({ title }) => title.replace(/^\w+_\w+ |^statuses /, '')).join('; '),
    countPassed(tests),
  ]),
)
console.log('## Attempts to get in\n')
print(
  ['from', 'such as', 'failed as they must'],
  [...attempts].map(([name, tests]) => [
    name,
    tests
      .slice(0, 4)
      .map(({ title }) => title)
      .join('; '),
    countPassed(tests),
  ]),
)
const all = TRIED.flatMap(folder => inFolder(folder.split('/').at(-2) ?? ''))
const wrong = all.filter(({ status }) => status !== 'passed')
for (const { ancestorTitles, title } of wrong) console.log(`failed: ${[...ancestorTitles, title].join(', ')}`)
const tried = [...attempts.values()].flat()
console.log(
  `${apis.size} endpoints of /api, ${taiga.size} of Taiga; ${tried.length} attempts to get in; ${all.length} tests, ${wrong.length} failed`,
)
process.exitCode = wrong.length === 0 && apis.size > 0 && taiga.size > 0 && tried.length > 0 ? 0 : 1
