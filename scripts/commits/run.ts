// Checks the messages of the commits since the convention was agreed:
//   pnpm commits [<base commit>]
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { judgeMessage } from './judge.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The last commit before the convention. */
const BASE = process.argv[2] ?? 'b218db4f6fdb995075efe5b1ec53dcc20b05474b'

const git = (...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const isKnown = (commit: string): boolean => {
  try {
    git('merge-base', '--is-ancestor', commit, 'HEAD')
    return true
  } catch {
    return false
  }
}

const isShallow = git('rev-parse', '--is-shallow-repository').trim() === 'true'
const hasBase = isKnown(BASE)
if (!hasBase && !isShallow) {
  console.error(`commits: ${BASE} is not in this history; give the base commit`)
  process.exit(1)
}
// A shallow clone may begin after the base: then its last commit alone is judged.
const range = hasBase ? [`${BASE}..HEAD`] : ['-1', 'HEAD']
const messages = git('log', '--no-merges', '--reverse', '--format=%h%n%B%x00', ...range)
  .split('\0')
  .map(text => text.trimStart())
  .filter(text => text !== '')
  .map(text => ({ id: text.slice(0, text.indexOf('\n')), message: text.slice(text.indexOf('\n') + 1) }))

const wrong = messages
  .map(each => ({ ...each, problems: judgeMessage(each.message) }))
  .filter(({ problems }) => problems.length > 0)
for (const { id, message, problems } of wrong)
  for (const problem of problems) console.log(`${id} ${message.split('\n')[0]}\n  ${problem}`)
console.log(`${messages.length} commits, ${wrong.length} wrong`)
if (!hasBase) console.log('a shallow clone: only the last commit was read')
process.exitCode = wrong.length === 0 ? 0 : 1
