import { TrackerError } from '../../session/errors.ts'
import { type Client, connect } from './client.ts'
import { corrupt, isUnfinished } from './failure.ts'
import { prepare, protect, sizeOf } from './path.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/** Up to this size, bytes, a file is read whole and checked when it is opened; it takes a few ms. */
const CHECKED_WHOLE = 2_000_000
/** A commit changes a few bytes in each of some ten pages, and writes those whole: measured, smaller ones are faster. */
const PAGE_BYTES = 2_048

const numberOf = (client: Client, pragma: string): number =>
  Number(Object.values(client.get<Record<string, number>>(`PRAGMA ${pragma}`) ?? {})[0] ?? 0)

/** The format of a file; throws `STORE` for one that a newer version of this library made. */
export const versionOf = (client: Client, path: string): number => {
  const version = numberOf(client, 'user_version')
  if (version <= MIGRATIONS.length) return version
  throw new TrackerError(
    'STORE',
    `${path} was made by a newer version of this library (format ${version}; this one knows ${MIGRATIONS.length}): ` +
      'update the library, or choose another path.',
    { field: 'path' },
  )
}

/**
 * Looks at a file without writing to it: whether it is ours, of a version we know, and whole. Throws `STORE_CORRUPT` or
 * `STORE`, and leaves every byte as it is.
 */
const inspect = (client: Client, path: string): void => {
  const application = numberOf(client, 'application_id')
  const tables = client.get("SELECT 1 FROM sqlite_schema WHERE name = 'sessions'") !== undefined
  const empty = numberOf(client, 'schema_version') === 0
  if (empty && application === 0 && numberOf(client, 'user_version') === 0) return
  if (application !== APPLICATION_ID)
    throw new TrackerError('STORE', `${path} is the database of another program: choose another path.`, {
      field: 'path',
    })
  if (versionOf(client, path) < 1 || !tables) throw corrupt(path, 'its tables are missing')
  const bytes = numberOf(client, 'page_count') * numberOf(client, 'page_size')
  if (sizeOf(`${path}-wal`) === 0 && sizeOf(path) < bytes) throw corrupt(path, 'its end is missing')
  if (bytes > CHECKED_WHOLE) return
  const found = Object.values(client.get<Record<string, string>>('PRAGMA quick_check(1)') ?? {})[0]
  if (found !== 'ok') throw corrupt(path, String(found))
}

/** Brings the tables to this version, within a write transaction. */
export const migrate = (client: Client, path: string): void => {
  const version = versionOf(client, path)
  if (version === MIGRATIONS.length) return
  for (const script of MIGRATIONS.slice(version)) client.exec(script)
  client.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`)
}

/** Looks at a file through a connection that cannot write; false: it must be finished by one that can, first. */
const isInspected = (path: string): boolean => {
  const reader = connect(path, { readOnly: true })
  try {
    inspect(reader, path)
    return true
  } catch (thrown) {
    if (isUnfinished(thrown)) return false
    throw thrown
  } finally {
    reader.close()
  }
}

export type Opening = Readonly<{ path: string; durability: 'process' | 'power'; maxPages?: number }>

/**
 * Opens the database of this path, made if it is not there. Throws what SQLite throws where a lock is not free: call it
 * again then. The tables are not brought up to date yet.
 */
export const open = ({ path, durability, maxPages }: Opening): Client => {
  const isNew = prepare(path)
  const seen = isNew || isInspected(path)
  const client = connect(path)
  try {
    if (!seen) inspect(client, path)
    if (isNew) client.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
    const mode = client.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode
    if (mode !== 'wal')
      throw new TrackerError(
        'STORE',
        `${path} lies on a file system that several processes cannot share: choose a path on a local disk.`,
        { field: 'path' },
      )
    client.exec(
      `PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'};
       PRAGMA wal_autocheckpoint = 0;
       PRAGMA journal_size_limit = 16000000;
       PRAGMA cache_size = -8000;
       PRAGMA temp_store = MEMORY;
       PRAGMA trusted_schema = OFF;`,
    )
    if (maxPages !== undefined) client.exec(`PRAGMA max_page_count = ${maxPages}`)
    protect(path)
    return client
  } catch (thrown) {
    client.close()
    throw thrown
  }
}
