import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { homeFolder } from './places.ts'

/** Names of configuration files, the first one found counts. */
export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  ending => `sessionwire.config.${ending}`,
)

/** Where a workspace is. */
export type Place = Readonly<{
  /** The folder that sessions belong to: of the configuration file, else of the repository, else the folder itself. */
  root: string
  /** The repository's folder. */
  repository?: string
  /**
   * The folder of a work tree that `git worktree add` made, where the place was looked for in one: it belongs to the workspace
   * of its repository, and has a branch and sessions of its own.
   */
  tree?: string
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

/** No file of git that says where something is, is longer, in bytes. */
const POINTER_BYTES = 4_096

const readPointer = (path: string): string => {
  const found = statSync(path)
  if (!found.isFile() || found.size > POINTER_BYTES) throw new Error(`${path}: no file of git`)
  return readFileSync(path, 'utf8')
    .replace(/^gitdir:\s*/, '')
    .trim()
}

/**
 * The main folder of the repository that a work tree belongs to. The repository must name the tree too: a folder that another person
 * prepared is not taken for one. `undefined` for a submodule, and where the repository has no files of its own.
 */
const findMain = (tree: string): string | undefined => {
  const git = join(tree, '.git')
  if (!isFile(git)) return undefined
  try {
    const own = resolve(tree, readPointer(git))
    if (realPath(resolve(own, readPointer(join(own, 'gitdir')))) !== realPath(git)) return undefined
    const common = realPath(resolve(own, readPointer(join(own, 'commondir'))))
    return basename(common) === '.git' && realPath(dirname(own)) === join(common, 'worktrees')
      ? dirname(common)
      : undefined
  } catch {
    return undefined
  }
}

/** Looks for the workspace upward from a folder, to the repository's root; without a repository to the home folder. */
const search = (from: string): Place => {
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

/**
 * Looks for the workspace of a folder. The path is absolute. In a work tree of its own that is the workspace of its
 * repository: what git does not carry, as trust, `.env` and the store, is there. A configuration that only the tree has is
 * used there, as where the main folder is bare.
 */
export const findPlace = (folder: string): Place => {
  const from = realPath(folder)
  const own = search(from)
  const { repository: tree } = own
  const main = tree === undefined ? undefined : findMain(tree)
  if (tree === undefined || main === undefined) return own
  const found = search(join(main, relative(tree, from)))
  return found.file === undefined && own.file !== undefined ? own : { ...found, tree }
}

/** The root of the workspace that a folder belongs to; the folder itself where it is gone. */
export const rootOf = (folder: string): string => (existsSync(folder) ? findPlace(folder).root : folder)
