import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { dataFolder } from '@sessionwire/hosts'
import { CommandError, configuration, toFailure } from '../failure.ts'
import { isFileUse, resolveUse } from './adapters.ts'
import type { Config } from './config.ts'
import { type Found, findUserFile, findWorkspace } from './find.ts'
import { readGitUser } from './git.ts'
import { importModule, type Module } from './import-module.ts'
import { environmentLayers, type Layer, mergeLayers, type Origin } from './layers.ts'
import { privateFolder } from './places.ts'
import { timesSetUp } from './set-up.ts'
import {
  areUsesTrusted,
  type Digests,
  digestFile,
  judgeFile,
  readEnv,
  readSafely,
  type Trust,
} from './trust.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Values that options of the command give. */
export type Flags = Readonly<{
  /** This is the path of the configuration file. Default: `SESSIONWIRE_CONFIG`, else the file of the workspace. */
  config?: string
  /** This is the project of the sessions, over all other layers. Default: what the other layers say. */
  project?: string
  /** This is the user of the sessions, over all other layers. Default: what the other layers say. */
  user?: string
}>

/** A workspace as its files and the environment describe it. */
export type ReadWorkspace = Found &
  Readonly<{
    /** The folder of this user's data, of all workspaces. */
    data: string
    /** It says whether the files of the workspace may be used. */
    trust: Trust
    /** This is the configuration of all layers together, in which project and user are always set. */
    config: Config & Readonly<{ project: string; user: string }>
    /** These are the values of the configuration and the places that gave them. */
    origins: readonly Origin[]
    /** When each adapter was set up, epoch ms; those that only the environment sets up are missing. */
    setUpAt: Readonly<Record<string, number>>
    /** The folder that `use` of an adapter is taken from: of the file that says it. */
    folderOf: (adapter: string) => string
    /** Path or address of the store. */
    store: string
    /** The environment, with the values of a trusted `.env` below it. Never written into the process's own. */
    env: Environment
    /** Lines that a person should read. */
    notes: readonly string[]
    /** The fault of a configuration file that is not trusted, where trust alone would not help. Absent: none was found. */
    broken?: string
  }>

const isCode = (path: string): boolean => !path.endsWith('.json')

/** Names without characters that steer a terminal or say nothing. */
const nameOf = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, 256)

/** Loads a file that the person trusts. A message never quotes the file. */
const loadFile = async (path: string): Promise<Config> => {
  const { checkConfig } = await import('./schema.ts')
  if (!isCode(path)) {
    const text = readSafely(path).replace(/^\uFEFF/, '')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (thrown) {
      const { message } = thrown as Error
      const place = /position (\d+)/.exec(message)?.[1]
      const end = message.includes('Unexpected end') ? ': it ends too early' : ''
      const line = place === undefined ? end : ` at line ${text.slice(0, Number(place)).split('\n').length}`
      throw configuration(`${path}: not valid JSON${line}.`)
    }
    return checkConfig(value, path)
  }
  readSafely(path)
  let module: Module
  try {
    module = await importModule(pathToFileURL(path).href)
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && /'sessionwire'/.test(message ?? ''))
      throw configuration(
        `${path}: imports sessionwire, which is not installed in the project.`,
        'Run: npm install --save-dev sessionwire',
      )
    throw configuration(`${path}: cannot be loaded: ${message ?? String(thrown)}`)
  }
  const value = module.default ?? module.config
  if (value === undefined) throw configuration(`${path}: exports no configuration.`, 'Export it by default.')
  return checkConfig(value, path)
}

/** Digests of the files that the adapters of a configuration use. */
export const digestUses = ({ adapters = {} }: Config, folder: string): Digests =>
  Object.fromEntries(
    Object.entries(adapters).flatMap(([name, { use }]) =>
      use === undefined || !isFileUse(use) ? [] : Object.entries(digestFile(resolveUse(use, folder, name))),
    ),
  )

const quietly = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch {
    return undefined
  }
}

/** The user where no configuration names one; `undefined` where the machine has no name either, as in many containers. */
const machineUser = (env: Environment): string | undefined =>
  [readGitUser(env), quietly(() => userInfo().username), env.USER, env.USERNAME]
    .map(name => nameOf(name ?? ''))
    .find(name => name !== '')

/** Stands for a user without a name: its number, so that two of them differ. */
const numberUser = (): string => {
  const uid = process.getuid?.()
  return uid === undefined ? 'unknown' : `uid-${uid}`
}

/** The effect of a broken file on sessions. */
const UNUSED = 'The file is not used, sessions stay in your data folder, and nothing is delivered.'

const WHY: Readonly<Record<Exclude<Trust, 'none' | 'trusted'>, (file: string) => string>> = {
  untrusted: file =>
    `${file} is not trusted: it is not used, sessions stay in your data folder, and nothing is delivered. Read it, then run: sessionwire trust`,
  changed: file =>
    `${file}, a file it uses, or .env changed since you trusted it: it is not used, sessions stay in your data folder, and nothing is delivered. Look at the change, then run: sessionwire trust`,
  foreign: file =>
    `${file} belongs to another user: it is not used, sessions stay in your data folder, and nothing is delivered. If it is yours all the same, as in a container, set SESSIONWIRE_CONFIG=${file}.`,
}

/** Finds the fault of a file of data that is not trusted: its text is read, and nothing of it is used. Code is not run. */
const findBroken = async (file: string): Promise<string | undefined> => {
  if (isCode(file)) return undefined
  try {
    await loadFile(file)
    return undefined
  } catch (thrown) {
    return toFailure(thrown).message
  }
}

/** The file of the user's own configuration, if it is really the user's. */
const readUserFile = async (env: Environment, notes: string[]): Promise<Layer | undefined> => {
  const file = findUserFile(env, process.platform)
  if (file === undefined) return undefined
  const { uid, mode } = statSync(file)
  const isWritable = process.platform !== 'win32' && (mode & 0o002) !== 0
  const isForeign = process.getuid !== undefined && uid !== process.getuid() && uid !== 0
  if (isForeign || isWritable) {
    notes.push(
      `${file} ${isForeign ? 'belongs to another user' : 'may be written by every user'}: it is not used.`,
    )
    return undefined
  }
  return { name: 'user', where: file, values: await loadFile(file) }
}

const flagLayers = ({ project, user }: Flags): readonly Layer[] => [
  ...(project === undefined ? [] : [{ name: 'flag' as const, where: '--project', values: { project } }]),
  ...(user === undefined ? [] : [{ name: 'flag' as const, where: '--user', values: { user } }]),
]

/** A workspace before anything of its files is used. */
export type Located = Found & Readonly<{ data: string; trust: Trust }>

/** Finds the workspace of a folder and judges its configuration file. Loads nothing. Throws `CONFIG`. */
export const locateWorkspace = (cwd: string, env: Environment, flags: Flags = {}): Located => {
  const given = flags.config ?? (env.SESSIONWIRE_CONFIG || env.MSP_CONFIG_PATH || undefined)
  const found = findWorkspace(cwd, given)
  const { root, file } = found
  const data = resolve(dataFolder(env, process.platform))
  if (found.isGiven && file !== undefined && statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw configuration(`${file}: there is no such file.`, 'Name another one with --config, or leave it out.')
  const trust: Trust = file === undefined ? 'none' : found.isGiven ? 'trusted' : judgeFile(data, root, file)
  return { ...found, data, trust }
}

/** Reads a workspace: nothing of its files counts before they are trusted. Throws `CONFIG`. */
export const readWorkspace = async (
  cwd: string,
  env: Environment,
  flags: Flags = {},
): Promise<ReadWorkspace> => {
  const located = locateWorkspace(cwd, env, flags)
  const { root, file, data, isGiven } = located
  const notes: string[] = []
  let { trust } = located
  let project: Config | undefined
  if (file !== undefined && trust === 'trusted') {
    project = await loadFile(file)
    if (!isGiven && !areUsesTrusted(data, file, digestUses(project, root))) {
      trust = 'changed'
      project = undefined
    }
  }
  const isOwn = file !== undefined && (trust === 'untrusted' || trust === 'changed')
  const broken = isOwn ? await findBroken(file) : undefined
  if (broken !== undefined) notes.push(`${broken} ${UNUSED} Fix it, then run: sessionwire trust`)
  else if (trust !== 'none' && trust !== 'trusted')
    notes.push(WHY[trust](relative(root, file ?? '') || (file ?? '')))
  const userLayer = await readUserFile(env, notes)
  const defaults: Layer = {
    name: 'default',
    where: '',
    values: { project: nameOf(basename(root)) || 'work', user: machineUser(env) ?? numberUser() },
  }
  const layers: readonly Layer[] = [
    ...flagLayers(flags),
    ...environmentLayers(env),
    ...(project === undefined || file === undefined
      ? []
      : [{ name: 'project' as const, where: file, values: project }]),
    ...(userLayer === undefined ? [] : [userLayer]),
    defaults,
  ]
  const { config, origins } = mergeLayers(layers)
  const storeFrom = origins.find(({ path }) => path === 'store')
  const base =
    storeFrom?.layer === 'project' || storeFrom?.layer === 'user' ? dirname(storeFrom.where) : resolve(cwd)
  const isAddress = /^postgres(ql)?:\/\//i.test(config.store ?? '')
  // A letter and a colon begin a path of Windows. The address is not quoted: it may hold a password.
  if (!isAddress && /^[a-z][a-z\d+.-]+:\/\//i.test(config.store ?? ''))
    throw configuration(
      `${storeFrom?.where ?? 'store'}: store: unknown kind of address; expected a path, or postgres://user@host/database.`,
    )
  if (isAddress && storeFrom?.layer !== 'environment')
    throw configuration(
      `${storeFrom?.where ?? 'store'}: store: an address of a database.`,
      'Remove it from the file, and set SESSIONWIRE_STORE in the environment.',
    )
  const own = join(
    trust === 'trusted' ? join(root, '.sessionwire') : privateFolder(data, root),
    'sessions.db',
  )
  const store =
    config.store === undefined
      ? own
      : isAddress || isAbsolute(config.store)
        ? config.store
        : resolve(base, config.store)
  const dotenv = trust === 'trusted' ? readEnv(root) : {}
  const used = (
    trust === 'none' || trust === 'trusted' ? config : { ...config, adapters: {} }
  ) as ReadWorkspace['config']
  return {
    ...located,
    trust,
    config: used,
    origins,
    setUpAt: timesSetUp(used, origins, located),
    folderOf: adapter => {
      const from = origins.find(({ path }) => path === `adapters.${adapter}.use`)
      return from?.layer === 'user' ? dirname(from.where) : root
    },
    store,
    env: { ...dotenv, ...env },
    notes,
    ...(broken === undefined ? {} : { broken }),
  }
}

/** The configuration of a file that the person is about to trust. */
export const loadToTrust = async (file: string): Promise<Config> => {
  try {
    return await loadFile(file)
  } catch (thrown) {
    if (thrown instanceof CommandError) throw thrown
    throw configuration(`${file}: cannot be loaded.`)
  }
}
