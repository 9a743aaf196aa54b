// Runs a command with a real PostgreSQL: see scripts/postgres-server. Needs Node 20 and nothing else.
//
// For the command it sets TEST_POSTGRES_URL, and for a server of its own TEST_POSTGRES_BIN (its programs) and
// TEST_POSTGRES_CONTROL: an address where POST /stop ends the server with `-m immediate`, POST /start brings it back, and
// POST /standby makes a standby and answers its address, which POST /promote makes a primary. With POSTGRES_BOUNCER=1 also
// TEST_PGBOUNCER, the program of PgBouncer: the machine's, else one that is unpacked from Debian's package.
import { runBeside } from './beside.mjs'
import { findBouncer } from './postgres/bouncer.mjs'
import { createCluster } from './postgres/cluster.mjs'
import { serveControl } from './postgres/control.mjs'
import { findPrograms } from './postgres/programs.mjs'

process.exitCode = await runBeside('postgres-server', process.argv.slice(2), async (say, undo) => {
  // A server that the environment names is used as it is.
  const bouncer = process.env.POSTGRES_BOUNCER ? findBouncer(say, undo) : undefined
  const pooler = bouncer === undefined ? {} : { TEST_PGBOUNCER: bouncer }
  if (process.env.TEST_POSTGRES_URL) return pooler
  const programs = await findPrograms(say)
  if (programs === undefined) return undefined
  const cluster = await createCluster(programs, undo)
  const control = await serveControl(cluster)
  undo(control.close)
  say(`with ${programs.what}: ${cluster.url}`)
  return {
    ...pooler,
    TEST_POSTGRES_URL: cluster.url,
    TEST_POSTGRES_BIN: programs.folder,
    TEST_POSTGRES_CONTROL: control.url,
  }
})
