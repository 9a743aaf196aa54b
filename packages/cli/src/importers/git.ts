import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { configuration } from '../failure.ts'
import { SAFE_GIT } from '../workspace/git.ts'
import type { Opened } from '../workspace/open.ts'

/** One commit. */
export type Commit = Readonly<{ hash: string; at: string; author: string; mail: string; subject: string }>

/** Sessions and events that an import made. */
export type Imported = Readonly<{ sessions: readonly string[]; events: number; known: number }>

const OUTPUT_BYTES = 67_108_864
const SEPARATOR = '\u001f'
const FORMAT = ['%H', '%cI', '%an', '%ae', '%s'].join('%x1f')

/** Commits of `git log -z`, oldest first. Lines of another shape are passed over. */
export const parseLog = (text: string): readonly Commit[] =>
  text
    .split('\0')
    .flatMap(each => {
      const [hash = '', at = '', author = '', mail = '', ...subject] = each
        .replace(/^\n/, '')
        .split(SEPARATOR)
      return /^[0-9a-f]{40,64}$/.test(hash) && !Number.isNaN(Date.parse(at))
        ? [{ hash, at, author, mail, subject: subject.join(' ') }]
        : []
    })
    .reverse()

/** Commits by author and day (UTC), each group a session. */
export const groupByDay = (commits: readonly Commit[]): readonly (readonly Commit[])[] => {
  const groups = new Map<string, Commit[]>()
  for (const commit of commits) {
    const key = `${new Date(commit.at).toISOString().slice(0, 10)} ${commit.mail}`
    const group = groups.get(key) ?? []
    group.push(commit)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Imports commits of the repository: one session for each author and day, one update for each commit. */
export const importGit = async (
  { tracker, repository, root, tree = repository }: Opened,
  since: Date,
  everybody: boolean,
): Promise<Imported> => {
  if (tree === undefined) throw configuration(`${root} is in no git repository.`)
  const run = promisify(execFile)
  const git = async (...words: readonly string[]): Promise<string> => {
    try {
      const { stdout } = await run('git', [...SAFE_GIT, ...words], {
        cwd: tree,
        maxBuffer: OUTPUT_BYTES,
        timeout: 60_000,
      })
      return stdout
    } catch (thrown) {
      const { code, stderr = '' } = thrown as { code?: unknown; stderr?: string }
      if (code === 'ENOENT')
        throw configuration('git is not installed.', 'Install it, or leave out `import git`.')
      // An empty repository has no commit, and a user without a name no mail address.
      if (/does not have any commits|bad default revision/.test(stderr) || words[0] === 'config') return ''
      throw configuration(`git ${words[0]}: ${stderr.trim().split('\n')[0] ?? 'failed'}`)
    }
  }
  const mine = (await git('config', 'user.email')).trim()
  const log = await git('log', '-z', '--no-merges', `--since=${since.toISOString()}`, `--format=${FORMAT}`)
  const commits = parseLog(log).filter(({ mail }) => everybody || mine === '' || mail === mine)
  const sessions: string[] = []
  let [events, known] = [0, 0]
  for (const day of groupByDay(commits)) {
    const [first] = day
    const last = day.at(-1)
    if (first === undefined || last === undefined) continue
    const date = new Date(first.at).toISOString().slice(0, 10)
    const session = await tracker.start({
      key: `git/${root}/${date}/${first.mail}`,
      onRepeat: 'skip',
      at: new Date(first.at),
      goal: day.length === 1 ? first.subject || date : `Commits of ${date}`,
      ...(everybody ? { user: first.author || first.mail } : {}),
      mirror: false,
      writer: 'host',
      workspace: root,
      metadata: { imported: 'git' },
    })
    sessions.push(session.id)
    const count = (receipt: Readonly<{ recorded: boolean; repeated?: true }>): void => {
      if (!receipt.recorded) return
      if (receipt.repeated) known++
      else events++
    }
    count(session.receipt)
    for (const { hash, at, subject } of day)
      count(
        await session.update(`${hash.slice(0, 10)} ${subject}`, {
          key: `git/${hash}`,
          onRepeat: 'skip',
          at: new Date(at),
        }),
      )
    count(
      await session.close({
        end: 'left',
        key: `git/${last.hash}/end`,
        onRepeat: 'skip',
        at: new Date(last.at),
      }),
    )
  }
  return { sessions, events, known }
}
