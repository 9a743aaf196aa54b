import { rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { TrackerError } from '../../session/errors.ts'
import { connect } from './client.ts'
import { failure } from './failure.ts'
import { absolute, makeEmpty } from './path.ts'

/** Copies the database of a path, as it is at one moment, into an empty file: https://www.sqlite.org/lang_vacuum.html */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const { from, into, timeout } = workerData
let failed
try {
  const database = new DatabaseSync(from, { timeout, readOnly: true })
  try { database.prepare('VACUUM INTO ?').run(into) } finally { database.close() }
} catch (thrown) { failed = { message: thrown.message, errcode: thrown.errcode } }
parentPort.postMessage(failed)`

type Failed = Readonly<{ message: string; errcode?: number }>

const inThread = (from: string, into: string, timeout: number): Promise<Failed | undefined> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(THREAD, {
      ...{ eval: true, env: {}, execArgv: [], name: 'backup' },
      workerData: { from, into, timeout },
    })
    thread.once('message', resolve)
    thread.once('error', reject)
  })

/** A host that allows no threads: the copy is made here, and everything else waits for it. */
const here = (from: string, into: string): void => {
  const client = connect(from, { readOnly: true })
  try {
    client.run('VACUUM INTO ?', into)
  } finally {
    client.close()
  }
}

/**
 * Writes a copy of the database at `from` to a new file, for this user only, during the commits of any process. A copy of
 * the files themselves may be half of a transaction, and frees the locks of the process that makes it.
 */
export const backup = async (from: string, given: string, busyMs: number): Promise<void> => {
  const into = absolute(given)
  if (!makeEmpty(into))
    throw new TrackerError(
      'STORE',
      `backup: ${into} exists already; expected a new file. Choose another path.`,
      {
        field: 'path',
      },
    )
  try {
    let failed: Failed | undefined
    try {
      failed = await inThread(from, into, busyMs)
    } catch {
      here(from, into)
    }
    if (failed !== undefined) throw Object.assign(new Error(failed.message), { errcode: failed.errcode })
  } catch (thrown) {
    rmSync(into, { force: true })
    throw failure(into, thrown)
  }
}
