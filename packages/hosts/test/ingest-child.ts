// Ingests a spool into a file, and ends by SIGKILL before or after the n-th call that records.
//   node ingest-child.ts <data> <n> <before|after>
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { ingest } from '../src/ingest/ingest.ts'

const [, , data = '', at = '0', how = 'before'] = process.argv
const tracker = await createTracker({
  project: 'repo',
  user: 'Ada',
  deliver: false,
  store: sqliteStore(join(data, 'sessions.db')),
})
let calls = 0
const die = () => process.kill(process.pid, 'SIGKILL')
const counted =
  <A extends readonly unknown[], R>(call: (...given: A) => Promise<R>) =>
  async (...given: A): Promise<R> => {
    calls++
    if (calls === Number(at) && how === 'before') die()
    const result = await call(...given)
    if (calls === Number(at)) die()
    return result
  }
const recorder = {
  ...tracker,
  start: counted(tracker.start),
  session: (id: string) => {
    const session = tracker.session(id)
    return {
      ...session,
      message: counted(session.message),
      close: counted(session.close),
      entity: counted(session.entity),
    }
  },
}
const done = await ingest({
  data,
  open: async () => ({ tracker: recorder as typeof tracker, project: 'repo', user: 'Ada' }),
})
process.stdout.write(JSON.stringify(done))
await tracker.close()
