import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { folderIn, homeFolder } from '@sessionwire/hosts'

type Environment = Readonly<Record<string, string | undefined>>

/** Names of configuration files, the first one found counts. */
const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  ending => `sessionwire.config.${ending}`,
)

/** Where a workspace is. */
export type Found = Readonly<{
  /** The folder that sessions belong to: of the configuration file, else of the repository, else the working directory. */
  root: string
  /** The repository's folder; a work tree of its own counts as one. */
  repository?: string
  /** The configuration file. */
  file?: string
  /** The person named the file: by option or in the environment. */
  isGiven: boolean
}>

const real = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

const findIn = (folder: string): string | undefined =>
  CONFIG_NAMES.map(name => join(folder, name)).find(isFile)

/** As git sees it: an empty folder of that name does not count. In a work tree of its own it is a file. */
const isRepository = (folder: string): boolean => {
  const git = join(folder, '.git')
  return isFile(git) || existsSync(join(git, 'HEAD'))
}

/** The folder itself and those above it. */
const upward = (from: string): readonly string[] => {
  const all = [from]
  for (let place = from; place !== dirname(place); ) {
    place = dirname(place)
    all.push(place)
  }
  return all
}

/** The home folder; `undefined` for a user without one. */
const findHome = (): string | undefined => {
  try {
    return homeFolder()
  } catch {
    return undefined
  }
}

/** Looks for the workspace upward from a folder, to the repository's root; without a repository to the home folder. */
export const findWorkspace = (cwd: string, given?: string): Found => {
  const from = real(resolve(cwd))
  const places = upward(from)
  const repository = places.find(isRepository)
  const inRepository = repository === undefined ? {} : { repository }
  if (given !== undefined) {
    const file = resolve(cwd, given)
    return { root: real(dirname(file)), file, isGiven: true, ...inRepository }
  }
  const home = findHome()
  const end = repository ?? places.find(place => home !== undefined && place === real(home)) ?? from
  for (const place of places.slice(0, places.indexOf(end) + 1)) {
    const file = findIn(place)
    if (file !== undefined) return { root: place, file, isGiven: false, ...inRepository }
  }
  return { root: repository ?? from, isGiven: false, ...inRepository }
}

/** The user's own configuration folder; `undefined` for a user without a home. */
const userFolder = (env: Environment, platform: string): string | undefined => {
  const [name, ...parts] =
    platform === 'win32' ? ['APPDATA', 'AppData', 'Roaming'] : ['XDG_CONFIG_HOME', '.config']
  const home = findHome()
  const folder =
    folderIn(env, name ?? '', platform) ?? (home === undefined ? undefined : join(home, ...parts))
  return folder === undefined ? undefined : join(folder, 'sessionwire')
}

/** The user's configuration file, where there is one. */
export const findUserFile = (env: Environment, platform: string): string | undefined => {
  const folder = userFolder(env, platform)
  if (folder === undefined) return undefined
  return CONFIG_NAMES.map(name => join(folder, name.replace('sessionwire.', ''))).find(isFile)
}

/** Whether a path is a folder or lies in it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
