import { existsSync, readFileSync } from 'node:fs'
import {
  findInstalled,
  findOnPath,
  findServers,
  findUnheard,
  foldersOff,
  type HostName,
  hosts,
  listSpool,
  places,
  rootOf,
  type Unheard,
} from '@sessionwire/hosts'
import type { Context } from './command.ts'
import { toFailure } from './failure.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { formatDuration } from './time.ts'
import { isWithin } from './workspace/find.ts'

type Environment = Context['io']['env']

const REINSTALL =
  'Install sessionwire for good (npm install --global sessionwire), then run `sessionwire install <host>` again.'

const REINSTALL_FIRST =
  'After an upgrade of Node: npm install --global sessionwire, in the shell that the host starts from. Then run:'

/** The name by which a host starts the hook that it has registered. */
const HOOKS = { user: 'node', project: 'sessionwire-hook' } as const

/** Advice for a host whose hook writes nothing. */
const whyUnheard = (host: HostName): string =>
  host === 'codex'
    ? 'Approve the hooks with /hooks in codex. `sessionwire import codex` takes what was not captured.'
    : `Start the host again: it reads its hooks when it starts. \`sessionwire import ${host}\` takes what was not captured.`

/** Hosts with a hook whose newest session here wrote no line; nothing where no hook is installed or capture is off. */
export const listUnheard = (
  data: string,
  root: string,
  env: Environment,
): readonly (Unheard & Readonly<{ host: HostName; todo: string }>)[] => {
  if (!existsSync(places(data).installed) || findOff(data, root) !== undefined) return []
  return hosts.flatMap(({ name: host }) => {
    try {
      if (findInstalled(host, { cwd: root, env }).length === 0) return []
      const found = findUnheard(host, { data, root, env })
      return found === undefined ? [] : [{ ...found, host, todo: whyUnheard(host) }]
    } catch {
      // `doctor` reports a file that does not parse.
      return []
    }
  })
}

/** The folder in which capture is off, with all below it. */
export const findOff = (data: string, here: string): string | undefined =>
  foldersOff(data).find(each => isWithin(here, each) || isWithin(rootOf(here), each))

const examineHost = (host: HostName, data: string, root: string, env: Environment): readonly Finding[] => {
  const about = `host ${host}`
  const installed = findInstalled(host, { cwd: root, env })
  const [first] = installed
  if (first === undefined) return []
  if (installed.length > 1)
    return [warn(about, 'the hook is registered twice', `Run: sessionwire uninstall ${host} --project`)]
  if (first.scope === 'user' && !existsSync(places(data).hook))
    return [fail(about, `${places(data).hook} is missing`, `Run: sessionwire install ${host}`)]
  const name = HOOKS[first.scope]
  // The registered line ends well without it, so that the host does not suffer; nothing else reports it.
  if (process.platform !== 'win32' && findOnPath(name, env) === undefined)
    return [
      fail(
        about,
        `the hook in ${first.file} is started by the name ${name}, which is not on the path`,
        name === 'node'
          ? 'Put Node on the path of the shell that the host starts from.'
          : 'Run: npm install --global sessionwire',
      ),
    ]
  const last = existsSync(places(data).spool) ? listSpool(data).find(each => each.host === host) : undefined
  const state =
    last === undefined
      ? 'no event arrived yet'
      : `last event ${formatDuration(Date.now() - last.writtenAt)} ago`
  const begin =
    host === 'codex' ? 'Start it once, and approve the hooks with /hooks.' : 'Start it once in this folder.'
  return [
    last === undefined ? warn(about, `${first.file}: ${state}`, begin) : ok(about, `${first.file}: ${state}`),
    ...findServers(host, { cwd: root, env }).map(({ file, gone }) =>
      gone !== undefined
        ? warn(
            `${about} MCP`,
            gone.includes('/') || gone.includes('\\')
              ? `the program of the server in ${file} is gone: ${gone}`
              : `the server in ${file} is started by the name ${gone}, which is not on the path`,
            `${REINSTALL_FIRST} sessionwire install ${host}`,
          )
        : ok(`${about} MCP`, `the server is registered in ${file}`),
    ),
  ]
}

/** Hooks, their MCP servers, and whether their events arrive. */
export const examineHosts = (data: string, root: string, env: Environment): readonly Finding[] => {
  const { command } = places(data)
  const found = hosts.flatMap(({ name: host }): readonly Finding[] => {
    try {
      return examineHost(host, data, root, env)
    } catch (thrown) {
      return [warn(`host ${host}`, toFailure(thrown).message, 'Fix the file of the host.')]
    }
  })
  if (found.length === 0)
    return [ok('hosts', 'no hook is installed; `sessionwire install claude` captures Claude Code')]
  const starts: string[] = []
  try {
    const words = (JSON.parse(readFileSync(command, 'utf8')) as { command: readonly string[] }).command
    starts.push(...words.filter(word => word.startsWith('/') && !existsSync(word)))
  } catch {
    starts.push(command)
  }
  const off = findOff(data, root)
  return [
    ...found,
    ...listUnheard(data, root, env).map(({ host, session, beganAt, todo }) =>
      warn(
        `host ${host}`,
        `the session ${session}, begun ${formatDuration(Date.now() - beganAt)} ago, wrote no line`,
        todo,
      ),
    ),
    ...(starts.length > 0
      ? [warn('hosts', `the program that reads their events is gone: ${starts.join(', ')}`, REINSTALL)]
      : []),
    ...(off === undefined ? [] : [warn('hosts', `capture is off in ${off}`, 'Run: sessionwire on')]),
  ]
}
