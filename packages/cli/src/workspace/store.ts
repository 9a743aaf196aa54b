import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TrackerOptions } from '@sessionwire/core'
import { configuration } from '../failure.ts'
import { isTracked } from './git.ts'
import { importModule } from './import-module.ts'

type Store = NonNullable<TrackerOptions['store']>

const isMine = (uid: number): boolean => process.getuid === undefined || uid === process.getuid()

/** Refuses a place that another person could have prepared: a symbolic link, another user's, or one that a repository carries. */
export const assertOwn = (path: string, repository: string | undefined, isFolder: boolean): void => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined) {
    if (found.isSymbolicLink())
      throw configuration(
        `${path}: a symbolic link.`,
        'Replace it by what it points to, or name that in `store`.',
      )
    if (isFolder ? !found.isDirectory() : !found.isFile())
      throw configuration(`${path}: not a ${isFolder ? 'folder' : 'regular file'}.`, 'Remove it.')
    if (!isMine(found.uid))
      throw configuration(`${path}: owned by another user.`, 'Remove it, or change its owner.')
  }
  if (isTracked(repository, path))
    throw configuration(
      `${path}: tracked by git, so whoever writes to the repository could have prepared it.`,
      `Run: git rm -r --cached ${isFolder ? '.sessionwire' : JSON.stringify(path)}, and look at what it holds before you keep it.`,
    )
}

/** Makes a data folder for this user alone, which git leaves out. */
const makeFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 })
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown
  }
}

/** Opens the store of a path, or of an address of PostgreSQL. */
export const openStore = async (where: string): Promise<Store> => {
  if (/^postgres(ql)?:\/\//i.test(where)) {
    const name = '@sessionwire/postgres'
    try {
      const { postgresStore } = (await importModule(name)) as unknown as {
        postgresStore: (address: string) => Store
      }
      return postgresStore(where)
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown
      throw configuration(`store: the package ${name} is not installed.`, `Run: npm install ${name}`)
    }
  }
  try {
    makeFolder(dirname(where))
  } catch (thrown) {
    const { code } = thrown as { code?: string }
    throw configuration(
      `${dirname(where)}: cannot be made or written (${code ?? 'unknown'}).`,
      'Set SESSIONWIRE_DATA_DIR or SESSIONWIRE_STORE to a place that you may write to.',
    )
  }
  const { sqliteStore } = await import('@sessionwire/core/sqlite')
  return sqliteStore(where)
}
