import { dataFolderIn, type Homes, homeFolderIn } from '@sessionwire/core/capture'

type Files = Readonly<{
  existsSync: (path: string) => boolean
  mkdirSync: (path: string, options: object) => unknown
  appendFileSync: (path: string, text: string, options: object) => void
}>
type Modules = Readonly<{
  'node:fs': Files
  'node:os': Homes
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
    const data = dataFolderIn({ env, platform, join, home: () => homeFolderIn(load('node:os'), platform) })
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
