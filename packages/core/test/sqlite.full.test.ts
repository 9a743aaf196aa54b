import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCheckpoints } from '../src/store/sqlite/checkpoint.ts'
import { type Client, connect } from '../src/store/sqlite/client.ts'
import { createGate } from '../src/store/sqlite/gate.ts'

/** As `node:sqlite` throws it where the disk has no room: https://www.sqlite.org/rescode.html#full */
const noRoom = (): Error => Object.assign(new Error('database or disk is full'), { errcode: 13 })

/** A gate on a connection that does nothing. `calls` has what the gate told its options, and its transactions. */
const stand = (grouped = false) => {
  const calls: string[] = []
  let isOpen = false
  const client = {
    run: (sql: string) => {
      calls.push(sql)
      if (sql.startsWith('BEGIN')) isOpen = true
      if (sql === 'COMMIT' || sql === 'ROLLBACK') isOpen = false
    },
    inTransaction: () => isOpen,
  } as unknown as Client
  const gate = createGate(client, {
    ...{ path: 'x.db', busyMs: 1_000, grouped, there: () => undefined, hold: () => undefined },
    afterWrite: () => undefined,
    afterFull: () => void calls.push('full'),
  })
  return { calls, gate }
}

describe('a write that finds the disk full', () => {
  it('is tried again behind a checkpoint, and only then refused', async () => {
    const { calls, gate } = stand()
    let left = 1
    const found = await gate.write(() => {
      if (left-- > 0) throw noRoom()
      return 'written'
    })
    expect([found, calls]).toEqual([
      'written',
      ['BEGIN IMMEDIATE', 'ROLLBACK', 'full', 'BEGIN IMMEDIATE', 'COMMIT'],
    ])
    const refused = gate.write(() => {
      throw noRoom()
    })
    await expect(refused).rejects.toMatchObject({
      code: 'STORE',
      message: 'x.db: the disk is full: free space and call again. Nothing of this call was stored.',
    })
    expect(calls.filter(each => each === 'full')).toHaveLength(3)
  })

  it('lets the others of its group be written', async () => {
    const { gate } = stand(true)
    const results = await Promise.allSettled([
      gate.write(() => 'a'),
      gate.write(() => {
        throw noRoom()
      }),
      gate.write(() => 'b'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })
})

describe('after a full disk', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sessionwire-full-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  it('what is written next waits until the WAL was moved, and takes its place', async () => {
    const path = join(folder, 'x.db')
    const client = connect(path)
    client.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)')
    const write = (): void => client.exec(`INSERT INTO t VALUES ('${'x'.repeat(50_000)}')`)
    for (let n = 0; n < 20; n++) write()
    const size = statSync(`${path}-wal`).size
    const checkpoints = createCheckpoints(path, client, () => true)
    expect(checkpoints.hold()).toBeUndefined()
    checkpoints.afterFull()
    await checkpoints.hold()
    expect(checkpoints.hold()).toBeUndefined()
    for (let n = 0; n < 10; n++) write()
    expect(statSync(`${path}-wal`).size).toBe(size)
    await checkpoints.end()
    client.close()
  })
})
