// Runs a command with a real Neo4j: see scripts/neo4j-server. Needs Node 20 and nothing else.
//
// For the command it sets TEST_NEO4J_URI (Bolt), TEST_NEO4J_HTTP, TEST_NEO4J_USERNAME, TEST_NEO4J_PASSWORD,
// TEST_NEO4J_DATABASE, and for a server of its own TEST_NEO4J_CONTROL: an address where POST /kill ends the server as
// a power cut of its process would, and POST /start brings it back on the same data and ports.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { serveControl } from './neo4j/control.mjs'
import { fromDocker } from './neo4j/docker.mjs'
import { fromMaven } from './neo4j/maven.mjs'
import { readNamed } from './neo4j/named.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const say = text => console.error(`neo4j-server: ${text}`)

/** Steps that must be undone, newest first, however this ends. */
const undo = []
const undoAll = async () => {
  for (const step of undo.splice(0).reverse()) await step()
}

/** The first source that has a server; `undefined`, after saying why, when none has. */
const find = async () => {
  const reasons = []
  for (const source of [readNamed, fromDocker, fromMaven]) {
    const found = await source(process.env, say, step => undo.push(step))
    if (found.server) return found.server
    reasons.push(found.reason)
  }
  say(`there is no Neo4j to run with:\n${reasons.map(reason => `  - ${reason}`).join('\n')}`)
  return undefined
}

/** Runs the command to its end; signals go to it, and it decides. Gives the exit code a shell would. */
const run = (command, settings) =>
  new Promise(resolve => {
    const child = spawn(command[0], command.slice(1), {
      stdio: 'inherit',
      env: { ...process.env, ...settings },
    })
    const pass = signal => void child.kill(signal)
    for (const signal of SIGNALS) process.on(signal, pass)
    child.once('error', error => {
      say(`cannot run ${command[0]}: ${error.message}`)
      resolve(127)
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })

/** A signal before the command runs ends everything. Gives the function that hands signals to the command. */
const endOnSignal = () => {
  const end = signal => void undoAll().finally(() => process.exit(128 + constants.signals[signal]))
  for (const signal of SIGNALS) process.once(signal, end)
  return () => {
    for (const signal of SIGNALS) process.off(signal, end)
  }
}

const main = async command => {
  if (command.length === 0) {
    say('give the command to run, for instance: scripts/neo4j-server npx vitest run --project services')
    return 64
  }
  const handOver = endOnSignal()
  try {
    const server = await find()
    if (server === undefined) return 69
    await server.start()
    say(`with ${server.what}: ${server.uri}${server.http ? ` and ${server.http}` : ''}`)
    const control = server.kill && (await serveControl(server))
    if (control) undo.push(control.close)
    handOver()
    return await run(command, {
      TEST_NEO4J_URI: server.uri,
      TEST_NEO4J_HTTP: server.http ?? '',
      TEST_NEO4J_USERNAME: server.username,
      TEST_NEO4J_PASSWORD: server.password,
      TEST_NEO4J_DATABASE: server.database,
      TEST_NEO4J_CONTROL: control?.url ?? '',
    })
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return 70
  } finally {
    await undoAll()
  }
}

process.exitCode = await main(process.argv.slice(2))
