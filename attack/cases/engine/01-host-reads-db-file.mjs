// A host program copies or reads the database with its -wal and -shm in its OWN process (a backup, a hash, a grep over
// the working directory), as agents do. On POSIX that frees this process's locks on them. A second, short-lived process
// then opens and closes the store (a CLI that shows the status), takes itself for the last one and removes the WAL.
// Right: what is answered `recorded: true` is there for the next process, or the call fails (STORE) and says so.
// usage: node 01-host-reads-db-file.mjs [control]

import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'

const [, , role, dir, how] = process.argv
const self = fileURLToPath(import.meta.url)
const open = async d => createTracker({ project: 'p', user: 'u', store: sqliteStore(join(d, 'sessions.db')) })
if (role === 'visit') {
  const tracker = await open(dir)
  if (how === 'write') for (let n = 0; n < 30; n++) await tracker.start({ goal: 'of another process ' + n })
  const all = await tracker.sessions()
  console.log(all.find(each => each.goal === 'g')?.revision ?? 0)
  await tracker.close()
} else if (role === 'host') {
  const visit = (...more) =>
    execFileSync(process.execPath, ['--no-warnings', self, 'visit', dir, ...more], {
      encoding: 'utf8',
    }).trim()
  const tracker = await open(dir)
  const session = await tracker.start({ goal: 'g' })
  await session.update('one')
  if (how !== 'control')
    for (const f of ['', '-wal', '-shm'])
      copyFileSync(join(dir, 'sessions.db' + f), join(dir, 'backup.db' + f))
  visit() // a status command in another process
  console.log(
    'files after the visit:',
    readdirSync(dir)
      .filter(f => f.startsWith('sessions'))
      .join(' '),
  )
  let told = 2
  for (let n = 0; n < 5; n++) {
    try {
      if ((await session.update('later ' + n)).recorded) told++
    } catch (e) {
      console.log('update said:', e.code, e.message)
    }
    await new Promise(r => setTimeout(r, 400))
  }
  console.log(`host got recorded: true ${told} times; another process now sees ${visit()}`)
  console.log('TOLD=' + told)
  if (how === 'clean') {
    visit('write')
    await tracker.close()
  } else process.kill(process.pid, 'SIGKILL')
} else {
  let bad = 0
  for (const how of role === 'control' ? ['control'] : ['kill', 'clean']) {
    const d = mkdtempSync(join(tmpdir(), 'f01-'))
    console.log(
      `--- host ends by ${how === 'clean' ? 'tracker.close() after another process wrote 30 sessions' : 'SIGKILL'}`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', self, 'host', d, how], {
      encoding: 'utf8',
    })
    process.stdout.write(stdout + stderr)
    const told = Number(/TOLD=(\d+)/.exec(stdout)?.[1])
    const look = spawnSync(process.execPath, ['--no-warnings', self, 'visit', d], { encoding: 'utf8' })
    const after = Number(look.stdout.trim() || NaN)
    const said =
      look.status === 0
        ? ''
        : (/code: '\w+'/.exec(look.stderr)?.[0] ?? '') +
          ' ' +
          look.stderr
            .split('\n')
            .filter(l => /Error|damaged|database/.test(l))
            .slice(0, 3)
            .join(' | ')
    console.log(`promised ${told}; the next process finds ${after} ${said}`)
    if (!(after >= told)) bad++
    rmSync(d, { recursive: true, force: true })
  }
  console.log(
    bad === 0 ? 'OK' : 'FAULT: what was answered recorded: true is gone, or the database is damaged',
  )
  process.exit(bad === 0 ? 0 : 1)
}
