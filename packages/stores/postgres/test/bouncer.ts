import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { SERVER } from './server.ts'

/** PgBouncer's program, where this machine has one. */
export const BOUNCER = (() => {
  for (const path of [process.env.TEST_PGBOUNCER ?? '', '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'])
    try {
      if (path !== '') {
        execFileSync(path, ['--version'], { stdio: 'ignore' })
        return path
      }
    } catch {
      // Not here.
    }
  return undefined
})()

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Starts it in transaction mode with four connections to the server. */
export const startBouncer = async (program: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-bouncer-'))
  const { hostname, port, username, pathname } = new URL(SERVER)
  const own = await freePort()
  const isRoot = userInfo().uid === 0
  const nobody = isRoot ? Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })) : undefined
  writeFileSync(join(folder, 'users'), `"${username}" ""\n`)
  writeFileSync(
    join(folder, 'ini'),
    `[databases]\n* = host=${hostname} port=${port || 5432}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${own}\n` +
      `auth_type = trust\nauth_file = ${folder}/users\npool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 100\n` +
      `unix_socket_dir =\nlogfile = ${folder}/log\nserver_idle_timeout = 1\n`,
  )
  chmodSync(folder, 0o755)
  if (nobody !== undefined) chownSync(folder, nobody, nobody)
  const child = spawn(program, [join(folder, 'ini')], {
    stdio: 'ignore',
    ...(nobody === undefined ? {} : { uid: nobody }),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `postgres://${username}@127.0.0.1:${own}${pathname}`
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return url
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
