import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CONFIG_NAMES, findHome, findPlace, folderIn, isFile, type Place, realPath } from '@sessionwire/hosts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a workspace is. */
export type Found = Place &
  Readonly<{
    /** The person named the file: by option or in the environment. */
    isGiven: boolean
  }>

/** Looks for the workspace upward from a folder, unless the person names its configuration file. */
export const findWorkspace = (cwd: string, given?: string): Found => {
  const found = findPlace(resolve(cwd))
  if (given === undefined) return { ...found, isGiven: false }
  const { repository } = found
  const file = resolve(cwd, given)
  const inRepository = repository === undefined ? {} : { repository }
  return { root: realPath(dirname(file)), file, isGiven: true, ...inRepository }
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

/** The folder of a place whose sessions are its own: the work tree, else the workspace. */
export const hereOf = ({ root, tree }: Pick<Place, 'root' | 'tree'>): string => tree ?? root

/** Whether the session of a folder belongs to a place: a work tree may lie within another one, and be gone by now. */
export const isHere = (workspace: string | undefined, place: Pick<Place, 'root' | 'tree'>): boolean => {
  const here = hereOf(place)
  if (workspace === undefined || workspace === here) return true
  return isWithin(workspace, here) && existsSync(workspace) && findPlace(workspace).tree === place.tree
}
