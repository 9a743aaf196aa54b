import { existsSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Environment } from '../hook/host.ts'
import type { HostName } from '../hook/line.ts'
import { differenceOf } from './difference.ts'
import { addProperty, findProperty, parse, removeProperty } from './edit.ts'
import { keep, readKept, readText, realFile, replaceText, split } from './files.ts'
import type { InstallOptions } from './install.ts'
import { findOnPath } from './path.ts'
import { type Scope, TARGETS } from './targets.ts'
import { addTomlServer, findTomlServer, removeTomlServer } from './toml.ts'

/** Options of `installServer` and `uninstallServer`. */
export type ServerOptions = Pick<InstallOptions, 'host' | 'data' | 'scope' | 'cwd' | 'env' | 'dryRun'> &
  Readonly<{
    /** The program that the host starts, and its arguments, of which one is `mcp`. */
    server: readonly string[]
  }>

/** The result of registering or removing the server. */
export type ServerInstalled = Readonly<{
  /** The host's file. Absent: the host has none for this scope. */
  file?: string
  /** Lines that change, with `-` and `+` in front; empty where nothing does. */
  difference: string
  /** Further steps for the user. */
  todo: readonly string[]
}>

type At = Readonly<{ cwd: string; env: Environment }>
type Where = (scope: Scope, place: At) => string | undefined

/** How a host keeps its MCP servers: as JSON below `key`, or as tables of TOML. */
type ServerTarget = Readonly<{
  file: Where
  key?: string
  entry: (command: string, args: readonly string[]) => unknown
  /** Further steps for a project's file. */
  todo?: string
}>

const NAME = 'sessionwire'

const homeOf = (env: Environment): string => env.HOME || env.USERPROFILE || homedir()

const plain: ServerTarget['entry'] = (command, args) => ({ command, args })
const stdio: ServerTarget['entry'] = (command, args) => ({ type: 'stdio', command, args })

/** Visual Studio Code's folder of the user, by its documentation; it could not be tried. */
const codeFolder = (env: Environment, platform: string): string => {
  if (platform === 'win32')
    return join(env.APPDATA || join(homeOf(env), 'AppData', 'Roaming'), 'Code', 'User')
  if (platform === 'darwin') return join(homeOf(env), 'Library', 'Application Support', 'Code', 'User')
  return join(env.XDG_CONFIG_HOME || join(homeOf(env), '.config'), 'Code', 'User')
}

/** One row per host. */
const SERVERS: Readonly<Record<HostName, ServerTarget>> = {
  claude: {
    file: (scope, { cwd, env }) =>
      scope === 'project'
        ? join(cwd, '.mcp.json')
        : join(env.CLAUDE_CONFIG_DIR || homeOf(env), '.claude.json'),
    key: 'mcpServers',
    entry: stdio,
    todo: 'Claude Code asks each user once before it starts a server of a project.',
  },
  codex: {
    file: (scope, { cwd, env }) =>
      scope === 'project'
        ? join(cwd, '.codex', 'config.toml')
        : join(env.CODEX_HOME || join(homeOf(env), '.codex'), 'config.toml'),
    entry: plain,
  },
  gemini: { file: TARGETS.gemini.file, key: 'mcpServers', entry: plain },
  copilot: {
    // Which file of a project it reads differs between its documents.
    file: (scope, { env }) =>
      scope === 'project'
        ? undefined
        : join(env.COPILOT_HOME || join(homeOf(env), '.copilot'), 'mcp-config.json'),
    key: 'mcpServers',
    entry: (command, args) => ({ type: 'local', command, args, tools: ['*'] }),
  },
  cursor: {
    file: (scope, { cwd, env }) => join(scope === 'user' ? homeOf(env) : cwd, '.cursor', 'mcp.json'),
    key: 'mcpServers',
    entry: plain,
  },
  vscode: {
    file: (scope, { cwd, env }) =>
      scope === 'project'
        ? join(cwd, '.vscode', 'mcp.json')
        : join(codeFolder(env, process.platform), 'mcp.json'),
    key: 'servers',
    entry: stdio,
  },
}

const resolveServer = ({
  host,
  scope = 'user',
  cwd = process.cwd(),
  env = process.env,
}: Pick<ServerOptions, 'host' | 'scope' | 'cwd' | 'env'>) => {
  const target = SERVERS[host]
  const file = target.file(scope, { cwd, env })
  return { target, scope, file: file === undefined ? undefined : realFile(file) }
}

/** Words of the server of our name; `undefined` for none, empty for one that starts no program. */
const wordsIn = (text: string, file: string, { key }: ServerTarget): readonly string[] | undefined => {
  if (key === undefined) return findTomlServer(text, NAME)
  const value = findProperty(text, file, key, NAME)
  if (value === undefined) return undefined
  const { command, args } = (value ?? {}) as Readonly<{ command?: unknown; args?: unknown }>
  return [command, ...(Array.isArray(args) ? args : [])].filter(each => typeof each === 'string')
}

/** Ours, also with options that its user added. */
const isOurServer = (words: readonly string[]): boolean => words.includes('mcp')

/** As an install from the cache of npx wrote it: a package that is installed starts sooner, and without the registry. */
const isPlainNpx = (words: readonly string[]): boolean => words.join(' ') === 'npx -y sessionwire mcp'

/** Names that `install` gives a host for the path to find. */
const NAMES: ReadonlySet<string> = new Set(['sessionwire', 'node'])

/** The part of the words that starts nothing any more: a path that was moved or removed, or a name that the path lost. */
const findGone = (words: readonly string[], env: Environment): string | undefined =>
  words
    .slice(0, 2)
    .find((word, place) =>
      isAbsolute(word)
        ? !existsSync(word)
        : place === 0 && NAMES.has(word) && findOnPath(word, env) === undefined,
    )

/**
 * Registers the MCP server of the command in a host's own file. Everything else in it stays byte for byte; done twice, it
 * changes nothing, and options that the user added stay. Throws `CONFIG` for a file that does not parse.
 */
export const installServer = (options: ServerOptions): ServerInstalled => {
  const { target, scope, file } = resolveServer(options)
  const { data, dryRun = false, server } = options
  const [command = '', ...args] = server
  if (file === undefined) return { difference: '', todo: [] }
  const { key, entry } = target
  const isNew = !existsSync(file)
  const raw = readText(file, key === undefined ? '' : '{}\n')
  const [bom, before] = split(raw)
  const present = wordsIn(before, file, target)
  if (present !== undefined && !isOurServer(present))
    return {
      file,
      difference: '',
      todo: [`Another MCP server is called ${NAME} in ${file}, and was left as it is.`],
    }
  const isOld = present !== undefined && isPlainNpx(present) && !isPlainNpx(server)
  if (present !== undefined && findGone(present, options.env ?? process.env) === undefined && !isOld)
    return { file, difference: '', todo: [] }
  const cleared = present === undefined ? before : removeFrom(before, file, target, true, true)
  const after =
    key === undefined
      ? addTomlServer(cleared, file, NAME, server)
      : addProperty(cleared, file, key, NAME, entry(command, args))
  const difference = differenceOf(isNew ? '' : raw, bom + after)
  const todo = scope === 'project' && target.todo !== undefined ? [target.todo] : []
  if (dryRun) return { file, difference, todo }
  const known = readKept(data)[toKept(file)]
  if (known === undefined) keep(data, toKept(file), { made: isNew, empty: emptyIn(before, file, key) })
  replaceText(file, bom + after)
  return { file, difference, todo }
}

/** The hooks of a host may stand in the same file. */
const toKept = (file: string): string => `${file}#server`

/** Places that uninstall leaves: an object that was empty, or the missing end of the last line. */
const emptyIn = (text: string, file: string, key: string | undefined): readonly string[] => {
  if (key === undefined) return text === '' || text.endsWith('\n') ? [] : ['line end']
  const children = parse(text, file).children?.find(({ children: [name] = [] }) => name?.value === key)
  return children === undefined ? [] : children.children?.[1]?.children?.length === 0 ? [key] : []
}

const removeFrom = (
  text: string,
  file: string,
  { key }: ServerTarget,
  keepEmpty: boolean,
  hadLineEnd: boolean,
): string =>
  key === undefined
    ? removeTomlServer(text, NAME, hadLineEnd)
    : removeProperty(text, file, key, NAME, keepEmpty)

/** Removes exactly our server from a host's file. A file that was made for it goes when it is empty. */
export const uninstallServer = (options: Omit<ServerOptions, 'server'>): ServerInstalled => {
  const { target, file } = resolveServer(options)
  const { data, dryRun = false } = options
  if (file === undefined || !existsSync(file))
    return { ...(file === undefined ? {} : { file }), difference: '', todo: [] }
  const raw = readText(file, target.key === undefined ? '' : '{}\n')
  const [bom, before] = split(raw)
  const present = wordsIn(before, file, target)
  if (present === undefined || !isOurServer(present)) return { file, difference: '', todo: [] }
  const kept = readKept(data)[toKept(file)]
  const { key } = target
  const after =
    bom +
    removeFrom(
      before,
      file,
      target,
      key !== undefined && kept?.empty.includes(key) === true,
      kept?.empty.includes('line end') !== true,
    )
  const goes = kept?.made === true && /^\s*(?:\{\s*\}\s*)?$/.test(after)
  const difference = differenceOf(raw, goes ? '' : after)
  if (dryRun) return { file, difference, todo: [] }
  if (goes) rmSync(file)
  else replaceText(file, after)
  if (kept !== undefined) keep(data, toKept(file), undefined)
  return { file, difference, todo: [] }
}

/** Where a host has our MCP server, the program it starts, and the part of it that is gone. */
export const findServers = (
  host: HostName,
  options: Readonly<{ cwd?: string; env?: Environment }> = {},
): readonly Readonly<{ scope: Scope; file: string; words: readonly string[]; gone?: string }>[] =>
  (['user', 'project'] as const).flatMap(scope => {
    const { target, file } = resolveServer({ host, scope, ...options })
    if (file === undefined || !existsSync(file)) return []
    const words = wordsIn(split(readText(file, target.key === undefined ? '' : '{}\n'))[1], file, target)
    if (words === undefined || !isOurServer(words)) return []
    const gone = findGone(words, options.env ?? process.env)
    return [{ scope, file, words, ...(gone === undefined ? {} : { gone }) }]
  })
