import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'

const LARGEST_TEXT = 1_048_576

/** Text of a regular file; a pipe or a device under its name would block the read. Throws for anything else. */
const readText = (path: string): string => {
  const found = statSync(path)
  if (!found.isFile() || found.size > LARGEST_TEXT) throw new Error(`${path}: not a regular file`)
  return readFileSync(path, 'utf8')
}

/** The folder with a repository's files: of a work tree of its own, the one its `.git` names. */
const gitFolder = (repository: string): string | undefined => {
  const path = join(repository, '.git')
  try {
    if (statSync(path).isDirectory()) return path
    return resolve(
      repository,
      readText(path)
        .replace(/^gitdir:\s*/, '')
        .trim(),
    )
  } catch {
    return undefined
  }
}

/** The branch that is checked out, from the files alone. */
export const readBranch = (repository: string | undefined): string | undefined => {
  const folder = repository === undefined ? undefined : gitFolder(repository)
  if (folder === undefined) return undefined
  try {
    const head = readText(join(folder, 'HEAD'))
    return /^ref: refs\/heads\/(\S{1,200})\s*$/.exec(head)?.[1]
  } catch {
    return undefined
  }
}

/** Settings that keep git from running programs that a repository names. */
export const SAFE_GIT: readonly string[] = [
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'log.showSignature=false', '-c', 'core.pager=cat'],
]

const LARGEST_INDEX = 268_435_456

/** Asks git itself: for indexes that cannot be searched as plain bytes. Where git cannot say it, the path counts as tracked. */
const askGit = (repository: string, path: string): boolean => {
  try {
    const found = execFileSync('git', [...SAFE_GIT, 'ls-files', '-z', '--', path], {
      cwd: repository,
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return found.length > 0
  } catch {
    return true
  }
}

/** Whether git tracks a path or something below it. */
export const isTracked = (repository: string | undefined, path: string): boolean => {
  const folder = repository === undefined ? undefined : gitFolder(repository)
  if (repository === undefined || folder === undefined) return false
  const inside = relative(repository, path).split(sep).join('/')
  if (inside === '' || inside.startsWith('..')) return false
  const files = readdirSync(folder).filter(name => name === 'index' || name.startsWith('sharedindex.'))
  for (const name of files) {
    const file = join(folder, name)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isFile() !== true) continue
    if (found.size > LARGEST_INDEX) return askGit(repository, inside)
    const bytes = readFileSync(file)
    // Names of version 4 are stored as differences.
    if (bytes.length >= 8 && bytes.readUInt32BE(4) > 3) return askGit(repository, inside)
    if (bytes.includes(`${inside}\0`) || bytes.includes(`${inside}/`)) return true
  }
  return false
}

/** The name that the user gave git, from the user's own files alone. */
export const readGitUser = (env: Readonly<Record<string, string | undefined>>): string | undefined => {
  const home = env.HOME || homedir()
  for (const path of [
    join(home, '.gitconfig'),
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'git/config'),
  ]) {
    try {
      const section = /^[^\S\n]*\[user\]([^[]*)/im.exec(readText(path))?.[1] ?? ''
      const name = /^[^\S\n]*name\s*=\s*"?([^"\n#;]{1,200})"?/im.exec(section)?.[1]?.trim()
      if (name) return name
    } catch {
      // The next place may have it.
    }
  }
  return undefined
}
