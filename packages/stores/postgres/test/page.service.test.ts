import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { inspect, migrate } from '../src/index.ts'
import { freshDatabase } from './command.ts'
import { countingAdapter, countingService } from './counting.ts'
import { blocksIn, blockWith, runFiles } from './page.ts'
import { openStore } from './places.ts'
import { SERVER } from './server.ts'
import { asking, delivered, update } from './story.ts'

/** A tracker whose updates go to a service that counts them. */
const trackerOn = async (url: string, origin: string) => {
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'fixer', deliver: false, drainOnClose: 0 },
    store: openStore({ url }, {}),
    adapters: [countingAdapter(origin, {})],
  })
  onTestFinished(() => tracker.close())
  return tracker
}

test('section 2: the two lines make the schema and record', async () => {
  const { url, pool } = await freshDatabase()
  const main = `import { open } from './open.ts'
const tracker = await open()
const session = await tracker.start({ goal: 'Stop double charging', user: 'fixer' })
await session.update('Found the race')
await tracker.close()
console.log(session.id)`
  for (const name of ['DATABASE_URL', 'SESSIONWIRE_DATABASE_URL']) {
    const { code, out, err } = await runFiles(
      { 'main.ts': main, 'open.ts': blockWith('ts', 'export const open') },
      { [name]: url },
    )
    expect([code, err]).toEqual([0, ''])
    const { rows } = await pool.query(
      'SELECT project, revision FROM sessionwire.sessions WHERE session = $1',
      [out.trim()],
    )
    expect(rows).toEqual([{ project: 'billing', revision: 2 }])
  }
})

test('section 3: the program copies a file', async () => {
  const { url, pool } = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'sessions.db')
  const file = sqliteStore(path)
  await file.commit(update('s', 1))
  await file.close()
  const main = `import { move } from './move.ts'
await move(${JSON.stringify(path)}, ${JSON.stringify(url)})`
  const { out, err } = await runFiles({ 'main.ts': main, 'move.ts': blockWith('ts', 'moveFrom') }, {})
  expect([out, err]).toEqual(['{ sessions: 1, skipped: 0, others: 0, events: 1, deliveries: 1 }\n', ''])
  expect((await pool.query('SELECT session FROM sessionwire.sessions')).rows).toEqual([{ session: 's' }])
})

test('section 4: drain.mjs of the CronJob delivers what waits, says what is left, and ends', async () => {
  const { url } = await freshDatabase()
  const service = await countingService(0)
  const tracker = await trackerOn(url, service.origin)
  const session = await tracker.start({ goal: 'Stop double charging' })
  for (const text of ['one', 'two', 'three']) await session.update(text)
  const block = blockWith('ts', '// drain.mjs')
  const adapter = `{
    name: 'counting', config: { origin: '${service.origin}' }, mode: 'execute', actions: {}, secrets: [], origins: ['${service.origin}'], limits: { rates: {} },
    outcome: httpOutcome, hooks: {}, check: { call: { kind: 'http', method: 'GET', endpoint: '${service.origin}/me' } } }`
  const program = `import { httpOutcome } from '@sessionwire/core/adapter'\n${block.replace('adapters: []', `adapters: [${adapter}]`)}`
  expect(program).not.toContain('adapters: []')
  const run = () => runFiles({ 'drain.mjs': program }, { DATABASE_URL: url })
  expect(await run()).toEqual({ code: 0, out: '', err: '' })
  expect(service.byLane()).toEqual({ [session.id]: ['one', 'two', 'three'] })
  await session.update('four')
  await tracker.pause('counting')
  const { code, out } = await run()
  expect([code, out]).toEqual([0, 'Not sent yet: { waiting: 1 }\n'])
  const manifest = parse(blockWith('yaml', 'kind: CronJob'))
  const { containers } = manifest.spec.jobTemplate.spec.template.spec
  expect(containers[0].command).toEqual(['node', 'drain.mjs'])
  expect(containers[0].env.map(({ name }: { name: string }) => name)).toEqual(['DATABASE_URL'])
})

test('sections 4 and 5: each role can do what the page says with the grants of the page, and no more', async () => {
  const { url, name, pool } = await freshDatabase()
  await migrate({ url })
  const roles = ['work', 'record', 'reader', 'keda'].map(role => `${name}_${role}`)
  for (const role of roles) await pool.query(`CREATE ROLE ${role} LOGIN`)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  onTestFinished(async () => {
    for (const role of roles) {
      await admin.query(`DROP OWNED BY ${role}`)
      await admin.query(`DROP ROLE ${role}`)
    }
    await admin.end()
  })
  const as = (role: string): string => {
    const own = new URL(url)
    own.username = `${name}_${role}`
    return own.href
  }
  for (const block of blocksIn('sql').filter(each => each.includes('GRANT')))
    for (const statement of block.split(/;\s*/).filter(each => each.trim() !== ''))
      await pool.query(statement.replace(/ TO (work|record|reader)$/, (_, role) => ` TO ${name}_${role}`))
  expect((await inspect({ url: as('work') })).findings.filter(({ level }) => level === 'error')).toEqual([])
  const worker = openStore({ url: as('work') }, { migrate: false })
  onTestFinished(() => worker.close())
  await worker.commit(update('s', 1))
  const { claims } = await worker.claim(asking())
  expect(await worker.settle(claims.map(delivered))).toEqual([true])
  expect(await worker.prune(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toMatchObject({ messages: 0 })
  const reader = new pg.Pool({ connectionString: as('reader'), max: 1 })
  onTestFinished(() => reader.end())
  for (const view of [
    'conversation',
    'conversation_sessions',
    'conversation_messages',
    'status',
    'stuck',
    'attention',
  ])
    await reader.query(`SELECT * FROM sessionwire.${view}`)
  const refused = async (pool_: pg.Pool, text: string) => {
    await expect(pool_.query(text)).rejects.toMatchObject({ code: '42501' })
  }
  await refused(reader, 'SELECT * FROM sessionwire.events')
  await refused(reader, `UPDATE sessionwire.sessions SET status = 'closed'`)
  const working = new pg.Pool({ connectionString: as('work'), max: 1 })
  onTestFinished(() => working.end())
  await refused(working, 'DROP TABLE sessionwire.events')
  await refused(working, 'CREATE TABLE sessionwire.mine (name text)')
  await refused(working, 'ALTER TABLE sessionwire.events ADD COLUMN mine text')
  // The role of the autoscaler, with the query of the page.
  const { query } = parse(blockWith('yaml', 'kind: ScaledObject')).spec.triggers[0].metadata
  await pool.query(`GRANT USAGE ON SCHEMA sessionwire TO ${name}_keda`)
  await pool.query(`GRANT SELECT ON sessionwire.heads TO ${name}_keda`)
  const keda = new pg.Pool({ connectionString: as('keda'), max: 1 })
  onTestFinished(() => keda.end())
  expect(Object.values((await keda.query(query)).rows[0])).toEqual(['0'])
  await worker.commit(update('t', 1))
  expect(Object.values((await keda.query(query)).rows[0])).toEqual(['1'])
  await refused(keda, 'SELECT * FROM sessionwire.sessions')
})

test('section 7: each question is answered', async () => {
  const { url, pool } = await freshDatabase()
  const service = await countingService(0)
  const tracker = await trackerOn(url, service.origin)
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.message('user', 'why do we see a double charge?')
  await session.update('race')
  const [block = ''] = blocksIn('sql').filter(each => each.includes('-- metrics'))
  const questions = block
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*/)
    .filter(each => each.trim() !== '')
  const answers = []
  for (const question of questions) answers.push((await pool.query(question)).rows)
  const message = { session: session.id, role: 'user', content: 'why do we see a double charge?' }
  expect(answers).toEqual([
    [{ ...message, title: 'Stop double charging', at: expect.any(Date) }],
    [message],
    expect.arrayContaining([{ adapter: 'counting', state: 'waiting', count: '1' }]),
    [],
    [],
  ])
})

const majorOf = (text: string): string => /\d+/.exec(text)?.[0] ?? ''

const versionOfServer = async (): Promise<string> => {
  const client = new pg.Client({ connectionString: SERVER })
  await client.connect()
  const { rows } = await client.query('SHOW server_version')
  await client.end()
  return majorOf(rows[0].server_version)
}

/** Where `pg_dump` of the server's version is: npm's programs have none, and another version refuses the server. */
const findDump = async (): Promise<string | undefined> => {
  const version = await versionOfServer()
  const folders = [process.env.TEST_POSTGRES_BIN ?? '', ...(process.env.PATH ?? '').split(delimiter)]
  return folders.find(folder => {
    const program = join(folder, 'pg_dump')
    if (folder === '' || !existsSync(program)) return false
    return majorOf(execFileSync(program, ['--version'], { encoding: 'utf8' })) === version
  })
}

const DUMP = await findDump()
if (DUMP !== undefined)
  test('section 9: a copy is restored, a person says what was sent since, and all goes on in order, once', async () => {
    const { url, pool } = await freshDatabase()
    const service = await countingService(0)
    const tracker = await trackerOn(url, service.origin)
    const session = await tracker.start({ goal: 'Stop double charging' })
    for (const text of ['one', 'two']) await session.update(text)
    await tracker.drain()
    await session.update('three')
    const folder = mkdtempSync(join(tmpdir(), 'sessionwire-page-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const [dump = '', restore = ''] = blockWith('sh', 'pg_dump').trim().split('\n')
    const run = (line: string) =>
      execFileSync('sh', ['-c', line], {
        cwd: folder,
        env: { PATH: `${DUMP}:${process.env.PATH ?? ''}`, DATABASE_URL: url },
      })
    run(dump)
    // This is sent after the copy was made.
    await tracker.drain()
    expect(service.byLane()).toEqual({ [session.id]: ['one', 'two', 'three'] })
    await tracker.close()
    await pool.query('DROP SCHEMA sessionwire CASCADE')
    run(restore)
    const again = await trackerOn(url, service.origin)
    expect((await again.status()).adapters[0]?.states).toMatchObject({ delivered: 2, waiting: 1 })
    // The service has it: the person who restored the copy says so.
    const [since] = await again.deliveries({ state: 'waiting' })
    expect(await again.acknowledge(since?.key ?? '')).toMatchObject({ state: 'delivered' })
    await again.session(session.id).update('four')
    expect((await again.drain()).done).toBe(true)
    expect((await again.status()).adapters[0]?.states).toMatchObject({ delivered: 4 })
    expect(service.byLane()).toEqual({ [session.id]: ['one', 'two', 'three', 'four'] })
  })
