// Runs a command with a real server, and undoes all that was started for it, however it ends.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** Steps that must be undone, newest first, however this ends. */
const undo = []
const undoAll = async () => {
  for (const step of undo.splice(0).reverse()) await step()
}

/** Runs the command to its end; signals go to it, and it decides. Gives the exit code a shell would. */
const run = (say, command, settings) =>
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

/**
 * Runs `command` with the settings that `start(say, undo)` gives; `undefined` means that there is no server (69). Gives the
 * exit code a shell would; 64 without a command, 70 where the server did not start.
 */
export const runBeside = async (name, command, start) => {
  const say = text => console.error(`${name}: ${text}`)
  if (command.length === 0) {
    say(`give the command to run, for instance: scripts/${name} npx vitest run --project services`)
    return 64
  }
  const leaveSignals = endOnSignal()
  try {
    const settings = await start(say, step => undo.push(step))
    if (settings === undefined) return 69
    leaveSignals()
    return await run(say, command, settings)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return 70
  } finally {
    await undoAll()
  }
}
