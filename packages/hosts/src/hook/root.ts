import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeFolder } from './places.ts'

/** Names of configuration files, the first one found counts. */
export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  ending => `sessionwire.config.${ending}`,
)

/** Where a workspace is. */
export type Place = Readonly<{
  /** The folder that sessions belong to: of the configuration file, else of the repository, else the folder itself. */
  root: string
  /** The repository's folder; a work tree of its own counts as one. */
  repository?: string
  /** The configuration file. */
  file?: string
}>

/** A path without symbolic links; the path itself where nothing stands there. */
export const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Whether a file stands at a path. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

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
export const findHome = (): string | undefined => {
  try {
    return homeFolder()
  } catch {
    return undefined
  }
}

/** Looks for the workspace upward from a folder, to the repository's root; without a repository to the home folder. The path is absolute. */
export const findPlace = (folder: string): Place => {
  const from = realPath(folder)
  const places = upward(from)
  const repository = places.find(isRepository)
  const inRepository = repository === undefined ? {} : { repository }
  const home = findHome()
  const end = repository ?? places.find(place => home !== undefined && place === realPath(home)) ?? from
  for (const place of places.slice(0, places.indexOf(end) + 1)) {
    const file = findIn(place)
    if (file !== undefined) return { root: place, file, ...inRepository }
  }
  return { root: repository ?? from, ...inRepository }
}

/** The root of the workspace that a folder belongs to; the folder itself where it is gone. */
export const rootOf = (folder: string): string => (existsSync(folder) ? findPlace(folder).root : folder)
