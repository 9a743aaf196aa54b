import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TrackerOptions } from '@sessionwire/core'
import { quoteWord } from '@sessionwire/hosts'
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
      `${path}: tracked by git, so a person who writes to the repository could have prepared it.`,
      `Run: git rm -r --cached ${isFolder ? '.sessionwire' : quoteWord(path)}, and look at what it holds before you keep it.`,
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

/** Makes the folder of a store. */
const makeFolderOf = (path: string): void => {
  try {
    makeFolder(dirname(path))
  } catch (thrown) {
    const { code } = thrown as { code?: string }
    throw configuration(
      `${dirname(path)}: cannot be made or written (${code ?? 'unknown'}).`,
      'Set SESSIONWIRE_DATA_DIR or SESSIONWIRE_STORE to a place that you may write to.',
    )
  }
}

/** Moves a whole file to its place, unless another one is there. Answers whether it did. */
const moveTo = (file: string, place: string): boolean => {
  try {
    linkSync(file, place)
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'EEXIST') return false
    // Some file systems have no links (exFAT, many network shares): there, nothing but this look keeps another one's file.
    if (existsSync(place)) return false
    renameSync(file, place)
  }
  return true
}

/**
 * Copies the store that a workspace had before it was trusted to its new place, whole or not at all. Answers whether this
 * process did it. Throws where it fails: a new store without those sessions would stay.
 */
export const takeOver = async (from: string, to: string): Promise<boolean> => {
  if (existsSync(to) || !existsSync(from)) return false
  makeFolderOf(to)
  const { sqliteStore } = await import('@sessionwire/core/sqlite')
  const store = sqliteStore(from)
  // In containers processes have the same number.
  const temporary = `${to}.${randomUUID()}.tmp`
  try {
    await store.backup?.(temporary)
    return moveTo(temporary, to)
  } catch (thrown) {
    throw configuration(
      `${from}: the sessions of before cannot be copied to ${to} (${(thrown as Error).message.replace(/\.$/, '')}).`,
      'They stay where they are. Solve that and run it again, or move that file away to begin without them.',
    )
  } finally {
    rmSync(temporary, { force: true })
    await store.close()
  }
}

/** The parts of `@sessionwire/postgres` that commands use; it is installed by those who have such a store. */
type Postgres = Readonly<{
  postgresStore: (source: Readonly<{ url: string }>) => Store
  migrate: (source: Readonly<{ url: string }>) => Promise<Readonly<{ from: number; to: number }>>
  moveFrom: (
    from: Store,
    to: Readonly<{ url: string }>,
  ) => Promise<
    Readonly<{ sessions: number; skipped: number; others: number; events: number; deliveries: number }>
  >
  inspect: (source: Readonly<{ url: string }>) => Promise<
    Readonly<{
      server: string
      schema: number
      findings: readonly Readonly<{ level: 'error' | 'warning'; text: string; todo: string }>[]
    }>
  >
}>

/** Whether a store is named by the address of a database. */
export const isPostgres = (where: string): boolean => /^postgres(ql)?:\/\//i.test(where)

/** Loads `@sessionwire/postgres`. */
export const importPostgres = async (): Promise<Postgres> => {
  const name = '@sessionwire/postgres'
  try {
    return (await importModule(name)) as unknown as Postgres
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    throw configuration(`store: the package ${name} is not installed.`, `Run: npm install ${name} pg`)
  }
}

/** Opens the store of a path, or of an address of PostgreSQL. */
export const openStore = async (where: string): Promise<Store> => {
  if (isPostgres(where)) return (await importPostgres()).postgresStore({ url: where })
  makeFolderOf(where)
  const { sqliteStore } = await import('@sessionwire/core/sqlite')
  return sqliteStore(where)
}
