type Files = Readonly<{
  existsSync: (path: string) => boolean
  mkdirSync: (path: string, options: object) => unknown
  appendFileSync: (path: string, text: string, options: object) => void
}>
type Modules = Readonly<{
  'node:fs': Files
  'node:os': Readonly<{ homedir: () => string; userInfo: () => Readonly<{ homedir: string }> }>
  'node:path': Readonly<{ join: (...parts: readonly string[]) => string }>
}>
type Host = Readonly<{
  process?: Readonly<{
    env: Readonly<Record<string, string | undefined>>
    platform: string
    pid: number
    getBuiltinModule?: <N extends keyof Modules>(name: N) => Modules[N]
  }>
}>

const isAbsolute = (path: string | undefined, platform: string): path is string =>
  (platform === 'win32' ? /^(?:[a-z]:)?[\\/]/i : /^\//).test(path ?? '')

/** As the hooks of `@sessionwire/hosts` have it; a test compares the two. */
export const dataFolder = ({ env, platform, join, home }: DataParts): string => {
  const folderOf = (name: string, ...parts: readonly string[]): string => {
    const value = env[name]
    if (isAbsolute(value, platform)) return join(value, 'sessionwire')
    const folder = home()
    if (isAbsolute(folder, platform)) return join(folder, ...parts, 'sessionwire')
    throw new Error('There is no home folder.')
  }
  const { SESSIONWIRE_DATA_DIR: given } = env
  if (given && !isAbsolute(given, platform)) throw new Error('SESSIONWIRE_DATA_DIR is relative.')
  if (given) return given
  if (platform === 'win32') return folderOf('LOCALAPPDATA', 'AppData', 'Local')
  return platform === 'darwin'
    ? folderOf('', 'Library', 'Application Support')
    : folderOf('XDG_DATA_HOME', '.local', 'share')
}
/** An empty or relative `HOME` names no folder; then the one that the system knows. */
const homeOf = ({ homedir, userInfo }: Modules['node:os'], platform: string): string => {
  const home = homedir()
  return isAbsolute(home, platform) ? home : userInfo().homedir
}
/** The surroundings that the folder follows from. */
export type DataParts = Readonly<{
  env: Readonly<Record<string, string | undefined>>
  platform: string
  join: (...parts: readonly string[]) => string
  /** Gives the home folder. */
  home: () => string
}>

const SESSION = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/

/** Adds a line to the claim of a session. Nothing is written where no hook is installed, and nothing that goes wrong is thrown. */
const write = (host: string, session: string, line: (pid: number, now: number) => string): void => {
  try {
    const { process } = globalThis as Host
    const load = process?.getBuiltinModule
    if (process === undefined || load === undefined || !SESSION.test(session)) return
    const { existsSync, mkdirSync, appendFileSync } = load('node:fs')
    const { join } = load('node:path')
    const { env, platform, pid } = process
    const data = dataFolder({ env, platform, join, home: () => homeOf(load('node:os'), platform) })
    if (!existsSync(join(data, 'bin', 'hook.cjs')) && !existsSync(join(data, 'spool'))) return
    const folder = join(data, 'embedded', host)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    appendFileSync(join(folder, session), `${line(pid, Date.now())}\n`, { mode: 0o600 })
  } catch {
    // Two sessions are better than a query that fails.
  }
}

/**
 * Tells the hooks that this user has installed in a host that a session of it is recorded here: they leave it out while this
 * process lives, or until it is given back.
 */
export const claimSession = (host: string, session: string): void =>
  write(host, session, (pid, now) => `${pid} ${now}`)

/** Gives a session back to the hooks: what is done in it from now on is theirs. */
export const releaseSession = (host: string, session: string): void =>
  write(host, session, (_, now) => `until ${now}`)
