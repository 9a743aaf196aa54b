// Counts the retired words of the project, by file:
//   pnpm words [path…] [--list] [--tests] [--strict]
// --list prints every finding, --tests reads the tests too, --strict exits with 1 when anything is found.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ALLOWED } from './allowed.ts'
import { findWords } from './findings.ts'

const ROOT = join(import.meta.dirname, '../..')
const options = process.argv.slice(2).filter(word => word.startsWith('--'))
const unknown = options.filter(word => !['--list', '--tests', '--strict'].includes(word))
if (unknown.length > 0) {
  console.error(`words: unknown option ${unknown[0]}; expected one of --list, --tests, --strict`)
  process.exit(2)
}
const wanted = process.argv.slice(2).filter(word => !word.startsWith('--'))

const isTest = (path: string): boolean => /(^|\/)(test|fixtures)\//.test(path)
const paths = execFileSync('git', ['ls-files', '*.ts', '*.mjs', '*.js', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter(path => existsSync(join(ROOT, path)))
  .filter(path => wanted.length === 0 || wanted.some(each => path.startsWith(each.replace(/^\.\//, ''))))
  .filter(path => options.includes('--tests') || !isTest(path))

const used = new Set<number>()
const findings = paths
  .flatMap(path => findWords(path, readFileSync(join(ROOT, path), 'utf8')))
  .filter(({ path, rule, text }) => {
    const at = ALLOWED.findIndex(
      each =>
        path.startsWith(each.path) && (each.rule === '' || each.rule === rule) && text.includes(each.text),
    )
    used.add(at)
    return at === -1
  })

const count = <K>(keys: readonly K[]) => {
  const counts = new Map<K, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}
if (options.includes('--list')) {
  for (const { path, line, rule, text, instead } of findings)
    console.log(`${path}:${line}  ${rule}: ${text}  (instead: ${instead})`)
} else {
  for (const [path, times] of count(findings.map(({ path }) => path)))
    console.log(`${String(times).padStart(5)}  ${path}`)
}
const byRule = count(findings.map(({ rule }) => rule))
if (byRule.length > 0) console.log(byRule.map(([rule, times]) => `${rule} ${times}`).join(', '))
console.log(`${findings.length} findings in ${paths.length} files`)
if (wanted.length === 0) {
  for (const [at, { path, rule, text, why }] of ALLOWED.entries()) {
    if (!used.has(at)) console.log(`allowed but no longer found: ${path} ${rule} ${text} (${why})`)
  }
}
if (options.includes('--strict') && findings.length > 0) process.exitCode = 1
