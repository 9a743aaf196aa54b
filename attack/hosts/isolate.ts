import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostName } from '@sessionwire/hosts'
import { DRIVERS, type Driver } from './drive.ts'

const folder = process.env.SESSIONWIRE_HOSTS ?? join(tmpdir(), 'sessionwire-hosts')

/** Where an installed host's programs are. */
export const binOf = (host: string): string => join(folder, host, 'node_modules/.bin')

/** Installs a host from npm, if it is not there; answers whether it is. */
const obtain = (host: HostName, { package: name, program }: Driver, isLatest: boolean): boolean => {
  if (existsSync(join(binOf(host), program))) return true
  const at = join(folder, host)
  mkdirSync(at, { recursive: true })
  const words = ['install', '--no-audit', '--no-fund', isLatest ? name.replace(/@[\d.]+$/, '@latest') : name]
  // A registry may give no answer once.
  for (let tries = 0; tries < 3; tries++)
    if (spawnSync('npm', words, { cwd: at, stdio: 'inherit' }).status === 0) return true
  return false
}

const UNSHARE = ['-n', '-r', '-p', '-f', '--mount-proc', '--kill-child']

/**
 * Installs hosts, then runs the program again in a network of its own, in which only this machine's own address exists, and
 * does the work there; all processes end with it. Exits with 1 where the work answers what is wrong, or a host is missing.
 * Linux alone.
 */
export const runIsolated = async (
  program: string,
  hosts: readonly HostName[],
  work: () => Promise<boolean>,
): Promise<void> => {
  if (process.env.SESSIONWIRE_INSIDE !== undefined) {
    if (Object.values(networkInterfaces()).some(each => each?.some(({ internal }) => !internal)))
      throw new Error('there is a way out of this network')
    process.exitCode = (await work()) ? 0 : 1
    return
  }
  const isLatest = process.argv.includes('--latest')
  const missing = hosts.filter(host => {
    const driver = DRIVERS[host]
    return driver === undefined || !obtain(host, driver, isLatest)
  })
  if (missing.length > 0) throw new Error(`hosts that could not be installed: ${missing.join(', ')}`)
  const again = [process.execPath, ...process.execArgv, program, ...process.argv.slice(2)]
  const { status } = spawnSync(
    'unshare',
    [...UNSHARE, 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', ...again],
    { stdio: 'inherit', env: { ...process.env, SESSIONWIRE_INSIDE: '1', SESSIONWIRE_HOSTS: folder } },
  )
  process.exitCode = status ?? 1
}
