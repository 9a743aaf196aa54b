import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A free port, none of those that a system gives to whoever asks for any: it stays free while the server restarts. */
const freePort = () =>
  new Promise(resolve => {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
      .once('error', () => resolve(freePort()))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })

/** A folder that the server's user may write to, removed at the end. */
const makeFolder = (user, undone) => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-postgres-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  undone(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A server of our own on a free port of the loopback, with nothing else on it. */
export const createCluster = async ({ folder: programs, user }, undone) => {
  const as = user === undefined ? {} : { uid: user.uid, gid: user.gid }
  const folder = makeFolder(user, undone)
  const run = (name, words) =>
    execFileSync(join(programs, name), words, {
      ...as,
      cwd: folder,
      // `pg_ctl` gives up by itself after a minute, which a busy disk may take for a start or a stop.
      env: { ...process.env, HOME: folder, LC_ALL: 'C', PGCTLTIMEOUT: '540' },
      // The output of the server goes to its log: a pipe it inherits would keep this call from ending.
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 600_000,
    })
  const serverAt = (data, port) => {
    const settings = [
      `-p ${port}`,
      '-c listen_addresses=127.0.0.1',
      `-c unix_socket_directories=${folder}`,
      '-c max_connections=200',
      '-c wal_level=replica',
      '-c max_wal_senders=4',
      '-c autovacuum_naptime=15s',
    ].join(' ')
    return {
      start: () =>
        run('pg_ctl', ['-D', data, '-o', settings, '-l', join(folder, `log-${port}`), '-w', '-s', 'start']),
      stop: mode => run('pg_ctl', ['-D', data, '-m', mode, '-w', '-s', 'stop']),
      promote: () => run('pg_ctl', ['-D', data, '-w', '-s', 'promote']),
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    }
  }
  const port = await freePort()
  const data = join(folder, 'data')
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C', '--no-sync'])
  const primary = serverAt(data, port)
  primary.start()
  let isUp = true
  undone(() => {
    if (isUp) primary.stop('immediate')
  })
  let standby
  return {
    url: primary.url,
    start: () => {
      primary.start()
      isUp = true
    },
    stop: () => {
      primary.stop('immediate')
      isUp = false
    },
    /** Copies the server as a hot standby that follows it. */
    makeStandby: async () => {
      const copy = join(folder, 'standby')
      const other = await freePort()
      if (existsSync(join(programs, 'pg_basebackup')))
        run('pg_basebackup', ['-D', copy, '-d', primary.url, '-R', '-X', 'stream', '--checkpoint=fast'])
      else {
        // The programs of npm have none: a copy of the files of a server that stands still is one too.
        primary.stop('fast')
        execFileSync('cp', ['-a', data, copy], as)
        primary.start()
        appendFileSync(join(copy, 'postgresql.auto.conf'), `primary_conninfo = '${primary.url}'\n`)
        execFileSync('touch', [join(copy, 'standby.signal')], as)
      }
      standby = serverAt(copy, other)
      standby.start()
      undone(() => standby.stop('immediate'))
      return standby.url
    },
    promote: () => standby.promote(),
  }
}
