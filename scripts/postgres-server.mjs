// Runs a command with a real PostgreSQL: see scripts/postgres-server. Needs Node 20 and nothing else.
//
// For the command it sets TEST_POSTGRES_URL, and for a server of its own TEST_POSTGRES_BIN (its programs) and
// TEST_POSTGRES_CONTROL: an address where POST /stop ends the server with `-m immediate`, POST /start brings it back, and
// POST /standby makes a standby and answers its address, which POST /promote makes a primary.
import { runBeside } from './beside.mjs'
import { createCluster } from './postgres/cluster.mjs'
import { serveControl } from './postgres/control.mjs'
import { findPrograms } from './postgres/programs.mjs'

process.exitCode = await runBeside('postgres-server', process.argv.slice(2), async (say, undo) => {
  // A server that the environment names is used as it is.
  if (process.env.TEST_POSTGRES_URL) return {}
  const programs = await findPrograms(say)
  if (programs === undefined) return undefined
  const cluster = await createCluster(programs, undo)
  const control = await serveControl(cluster)
  undo(control.close)
  say(`with ${programs.what}: ${cluster.url}`)
  return {
    TEST_POSTGRES_URL: cluster.url,
    TEST_POSTGRES_BIN: programs.folder,
    TEST_POSTGRES_CONTROL: control.url,
  }
})
