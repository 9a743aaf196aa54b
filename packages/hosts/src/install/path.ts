import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from '../hook/host.ts'

/** The program that a shell finds by its name; `undefined` for none. Windows adds endings of its own, which are not looked for. */
export const findOnPath = (name: string, env: Environment): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder || '.', name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return statSync(path).isFile()
      } catch {
        return false
      }
    })

const isSame = (name: string, path: string, env: Environment): boolean => {
  const found = findOnPath(name, env)
  try {
    return found !== undefined && realpathSync(found) === realpathSync(path)
  } catch {
    return false
  }
}

/** Where a script and its Node are. */
export type Script = Readonly<{
  /** Path of Node. */
  node: string
  /** Path of the script. */
  script: string
  /** The environment, for its `PATH`. */
  env: Environment
  /** Default: this platform. */
  platform?: string
}>

/**
 * The words that start the command later: by the names that the path knows now, because an upgrade of Node removes the absolute
 * paths that nvm, fnm and their kin have; by these where a name stands for something else. Windows starts no name without a shell.
 */
export const nameProgram = ({
  node,
  script,
  env,
  platform = process.platform,
}: Script): readonly string[] => {
  if (platform === 'win32') return [node, script]
  if (isSame('sessionwire', script, env)) return ['sessionwire']
  return [isSame('node', node, env) ? 'node' : node, script]
}
