// An Aura instance names its database after its own id; "neo4j" does not exist there.
// Right: the report says that the option `database` is wrong, not only that the service fails.

import { createTracker } from '@sessionwire/core'
import { formatStatus } from '@sessionwire/core/render'
import { neo4j } from '@sessionwire/neo4j'
import { collectLog, fastClock, front, rows, sleep, verdict } from '../app/lib.mjs'

const clock = fastClock(600)
// A new Aura instance: its database has the instance's id for a name, and there is none called neo4j.
const at = await front(undefined, ({ path }) =>
  path.startsWith('/db/1a2b3c4d/')
    ? { status: 202, body: { data: { fields: ['one'], values: [[1]] } } }
    : {
        status: 404,
        body: {
          errors: [{ code: 'Neo.ClientError.Database.DatabaseNotFound', message: 'Graph not found: neo4j' }],
        },
      },
)
const log = collectLog()
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [neo4j({ uri: at.url, auth: 'none' })],
})
const s = await tracker.start({ goal: 'x' })
await s.close({ summary: 'y' })
await sleep(10_000) // 100 minutes of its clock
console.log((await rows(tracker)).slice(0, 3).join('\n'))
console.log(log.said.map(x => x.slice(0, 330)).join('\n'))
console.log(formatStatus(await tracker.status()).slice(0, 700))
const check = await tracker.check('neo4j').catch(e => e.message)
console.log('check:', JSON.stringify(check))
const told = JSON.stringify([log.said, check])
verdict(
  /`?database`?\b.*(option|NEO4J_DATABASE)|see database/i.test(told),
  'a database that is not there is reported as a matter of configuration (the option database), not only as an outage',
)
await tracker.close()
await at.close()
