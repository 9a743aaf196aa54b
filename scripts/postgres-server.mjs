// Runs a command with a real PostgreSQL: see scripts/postgres-server. Needs Node 20 and nothing else.
//
// For the command it sets TEST_POSTGRES_URL, and for a server of its own TEST_POSTGRES_BIN (its programs) and
// TEST_POSTGRES_CONTROL: an address where POST /stop ends the server with `-m immediate`, POST /start brings it back, and
// POST /standby makes a standby and answers its address, which POST /promote makes a primary.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { createCluster } from './postgres/cluster.mjs'
import { serveControl } from './postgres/control.mjs'
import { findPrograms } from './postgres/programs.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const say = text => console.error(`postgres-server: ${text}`)

/** Steps that must be undone, newest first, however this ends. */
const undo = []
const undoAll = async () => {
  for (const step of undo.splice(0).reverse()) await step()
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

/** A signal before the command runs ends everything. Gives the function that leaves signals to the command. */
const endOnSignal = () => {
  const end = signal => void undoAll().finally(() => process.exit(128 + constants.signals[signal]))
  for (const signal of SIGNALS) process.once(signal, end)
  return () => {
    for (const signal of SIGNALS) process.off(signal, end)
  }
}

const main = async command => {
  if (command.length === 0) {
    say('give the command to run, for instance: scripts/postgres-server npx vitest run --project services')
    return 64
  }
  if (process.env.TEST_POSTGRES_URL) return run(command, {})
  const leaveSignals = endOnSignal()
  try {
    const programs = await findPrograms(say)
    if (programs === undefined) return 69
    const cluster = await createCluster(programs, step => undo.push(step))
    const control = await serveControl(cluster)
    undo.push(control.close)
    say(`with ${programs.what}: ${cluster.url}`)
    leaveSignals()
    return await run(command, {
      TEST_POSTGRES_URL: cluster.url,
      TEST_POSTGRES_BIN: programs.folder,
      TEST_POSTGRES_CONTROL: control.url,
    })
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return 70
  } finally {
    await undoAll()
  }
}

process.exitCode = await main(process.argv.slice(2))
