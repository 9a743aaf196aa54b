// A server in a container, where a Docker engine answers.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort, moreSettings, newPassword, startTimeout, untilReady } from './ready.mjs'

const call = promisify(execFile)

/** Runs docker; the password goes through the environment, so that no list of processes shows it. */
const docker = (args, more = {}) => call('docker', args, { timeout: 600_000, ...more })

const isRunning = id =>
  docker(['inspect', '--format', '{{.State.Running}}', id]).then(
    ({ stdout }) => stdout.trim() === 'true',
    () => false,
  )

const remove = (id, say) =>
  docker(['rm', '--force', '--volumes', id]).catch(error =>
    say(`the container ${id} could not be removed: ${error.message}`),
  )

/** A setting as the image's start script takes it: NEO4J_, dots as _, and _ twice. */
const forContainer = setting => {
  const [name, ...value] = setting.split('=')
  return `NEO4J_${name.replaceAll('_', '__').replaceAll('.', '_')}=${value.join('=')}`
}

/** A container of NEO4J_IMAGE, default neo4j:5.26, on free ports of 127.0.0.1. */
export const fromDocker = async (env, say, undo) => {
  try {
    await docker(['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 })
  } catch {
    return { reason: 'no Docker engine answers.' }
  }
  const image = env.NEO4J_IMAGE || 'neo4j:5.26'
  const password = newPassword()
  const [bolt, web] = [await freePort(), await freePort()]
  const ports = ['-p', `127.0.0.1:${bolt}:7687`, '-p', `127.0.0.1:${web}:7474`]
  let id
  try {
    say(`starting a container of ${image}`)
    const settings = { env: { ...env, NEO4J_AUTH: `neo4j/${password}` } }
    const given = ['-e', 'NEO4J_AUTH', ...moreSettings(env).flatMap(each => ['-e', forContainer(each)])]
    const { stdout } = await docker(['create', ...ports, ...given, image], settings)
    id = stdout.trim().split('\n').at(-1)
    undo(() => remove(id, say))
  } catch (error) {
    return {
      reason: `Docker answers, but not with ${image}: ${String(error.stderr || error.message).trim()}`,
    }
  }
  const server = {
    what: `a container of ${image}`,
    uri: `bolt://127.0.0.1:${bolt}`,
    http: `http://127.0.0.1:${web}`,
    username: 'neo4j',
    password,
    database: 'neo4j',
    start: async () => {
      await docker(['start', id])
      let running = true
      const look = setInterval(async () => {
        running = await isRunning(id)
      }, 2_000)
      try {
        await untilReady(server, () => running, startTimeout(env))
      } catch (error) {
        const { stdout, stderr } = await docker(['logs', '--tail', '40', id])
        throw new Error(`${error.message}\n${stdout}${stderr}`)
      } finally {
        clearInterval(look)
      }
    },
    kill: () => docker(['kill', '--signal', 'KILL', id]),
  }
  return { server }
}
