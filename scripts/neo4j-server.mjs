// Runs a command with a real Neo4j: see scripts/neo4j-server. Needs Node 20 and nothing else.
//
// For the command it sets TEST_NEO4J_URI (Bolt), TEST_NEO4J_HTTP, TEST_NEO4J_USERNAME, TEST_NEO4J_PASSWORD,
// TEST_NEO4J_DATABASE, and for a server of its own TEST_NEO4J_CONTROL: an address where POST /kill ends the server as
// a power cut of its process would, and POST /start brings it back on the same data and ports.
import { runBeside } from './beside.mjs'
import { serveControl } from './neo4j/control.mjs'
import { fromDocker } from './neo4j/docker.mjs'
import { fromMaven } from './neo4j/maven.mjs'
import { readNamed } from './neo4j/named.mjs'

/** The first source that has a server; `undefined`, after saying why, when none has. */
const find = async (say, undo) => {
  const reasons = []
  for (const source of [readNamed, fromDocker, fromMaven]) {
    const found = await source(process.env, say, undo)
    if (found.server) return found.server
    reasons.push(found.reason)
  }
  say(`there is no Neo4j to run with:\n${reasons.map(reason => `  - ${reason}`).join('\n')}`)
  return undefined
}

process.exitCode = await runBeside('neo4j-server', process.argv.slice(2), async (say, undo) => {
  const server = await find(say, undo)
  if (server === undefined) return undefined
  await server.start()
  say(`with ${server.what}: ${server.uri}${server.http ? ` and ${server.http}` : ''}`)
  const control = server.kill && (await serveControl(server))
  if (control) undo(control.close)
  return {
    TEST_NEO4J_URI: server.uri,
    TEST_NEO4J_HTTP: server.http ?? '',
    TEST_NEO4J_USERNAME: server.username,
    TEST_NEO4J_PASSWORD: server.password,
    TEST_NEO4J_DATABASE: server.database,
    TEST_NEO4J_CONTROL: control?.url ?? '',
  }
})
