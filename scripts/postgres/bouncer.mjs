import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The package of Debian, and those of its libraries that a machine may lack. */
const PACKAGES = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7']

const runs = path => {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Unpacks the packages into a folder of their own; nothing is installed, and no service begins. */
const fromDebian = undone => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-pgbouncer-'))
  undone(() => rmSync(folder, { recursive: true, force: true }))
  const run = (name, words) => execFileSync(name, words, { cwd: folder, stdio: 'ignore', timeout: 600_000 })
  try {
    run('apt-get', ['-o', 'Acquire::Retries=5', 'download', ...PACKAGES])
  } catch {
    // A new machine has no list of packages yet.
    run('apt-get', ['-o', 'Acquire::Retries=5', 'update'])
    run('apt-get', ['-o', 'Acquire::Retries=5', 'download', ...PACKAGES])
  }
  for (const name of readdirSync(folder).filter(each => each.endsWith('.deb')))
    run('dpkg', ['-x', name, 'root'])
  const libraries = readdirSync(join(folder, 'root/usr/lib')).map(name => join(folder, 'root/usr/lib', name))
  const program = join(folder, 'pgbouncer')
  writeFileSync(
    program,
    `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(folder, 'root/usr/sbin/pgbouncer')}' "$@"\n`,
  )
  // It runs as another user.
  run('chmod', ['-R', 'a+rX', folder])
  chmodSync(program, 0o755)
  return program
}

/** PgBouncer's program: the machine's, else Debian's. `undefined`, after saying why, where there is none. */
export const findBouncer = (say, undone) => {
  const own = [process.env.TEST_PGBOUNCER ?? '', '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer']
  const found = own.find(path => path !== '' && existsSync(path) && runs(path))
  if (found !== undefined) return found
  try {
    const program = fromDebian(undone)
    if (runs(program)) return program
    say('PgBouncer of Debian does not run here')
  } catch (error) {
    say(`there is no PgBouncer to run with: ${error.message}`)
  }
  return undefined
}
