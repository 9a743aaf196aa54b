import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** One commit as the example needs it. */
export type Commit = Readonly<{
  hash: string
  author: string
  subject: string
  body: string
  files: readonly string[]
}>

/** A repository's latest commits, oldest first. */
export type History = Readonly<{ project: string; from: string; commits: readonly Commit[] }>

const run = promisify(execFile)
const MARK = '\u001e'
const FIELD = '\u001f'

const parse = (text: string): readonly Commit[] =>
  text
    .split(MARK)
    .filter(part => part.trim() !== '')
    .map(part => {
      const [hash = '', author = '', subject = '', body = '', files = ''] = part.split(FIELD)
      const listed = files.split('\n').map(file => file.trim())
      return { hash, author, subject, body: body.trim(), files: listed.filter(file => file !== '') }
    })

/** Reads the latest commits of a git repository. Rejects when there is no git, or no repository there. */
const fromGit = async (folder: string, count: number): Promise<History> => {
  const git = async (...words: string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...words], { maxBuffer: 64 * 1024 * 1024 })).stdout
  const top = (await git('rev-parse', '--show-toplevel')).trim()
  const format = `--format=${MARK}%h${FIELD}%an${FIELD}%s${FIELD}%b${FIELD}`
  const log = await git('log', `-n${count}`, '--reverse', '--no-merges', '--name-only', format)
  return { project: basename(top), from: `the latest commits of ${top}`, commits: parse(log) }
}

/** The history shipped with the example, for folders without git. */
const readShipped = async (): Promise<History> => {
  const file = new URL('history.json', import.meta.url)
  const { project, commits } = JSON.parse(await readFile(file, 'utf8')) as History
  return { project, commits, from: 'the history shipped with this example, since there is no git here' }
}

/** The history of `folder`; without one, of this clone, or the shipped one when that has none. */
export const readHistory = async (folder: string | undefined, count: number): Promise<History> => {
  if (folder === undefined) {
    const history = await fromGit('.', count).catch(() => undefined)
    return history === undefined || history.commits.length === 0 ? readShipped() : history
  }
  const history = await fromGit(folder, count).catch(() => undefined)
  if (history === undefined)
    throw new Error(`${folder} is not a git repository: give the path of one, or no path at all.`)
  if (history.commits.length === 0) throw new Error(`${folder} has no commits yet.`)
  return history
}
