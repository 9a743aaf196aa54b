import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { isSafePath } from '../names.ts'

/** Why a path is not touched: `outside`, or the root is not there. */
export class PathError extends Error {
  readonly code: 'outside' | 'root'
  constructor(code: 'outside' | 'root', message: string) {
    super(message)
    this.code = code
  }
}

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}

/** The root without links in it. Throws `PathError` where it is not there, or no folder. */
export const findRoot = async (root: string): Promise<string> => {
  try {
    const real = await realpath(root)
    if ((await lstat(real)).isDirectory()) return real
  } catch {
    throw new PathError('root', `the folder ${root} is not there, or this user may not see it`)
  }
  throw new PathError('root', `${root} is not a folder`)
}

/** The deepest folder above a path that is there, without links in it. */
const deepest = async (path: string): Promise<string> => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      return await realpath(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error
    }
  }
}

/**
 * The whole path of a file below the root. Throws `PathError` for one that leads outside: by `..`, by an absolute path, by a
 * device's name, by a folder that is a link to elsewhere, or because the file itself is a link or no file.
 */
export const guardPath = async (root: string, path: unknown): Promise<string> => {
  if (typeof path !== 'string' || !isSafePath(path))
    throw new PathError('outside', `the path ${JSON.stringify(path)} is not allowed`)
  const whole = join(root, ...path.split('/'))
  if (!isInside(root, whole) || !isInside(root, await deepest(whole)))
    throw new PathError('outside', `the path ${path} leads outside of the folder`)
  const found = await lstat(whole).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (found !== undefined && !found.isFile())
    throw new PathError('outside', `${path} is ${found.isSymbolicLink() ? 'a link' : 'no file'}`)
  return whole
}
