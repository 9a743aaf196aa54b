import type { Pause } from '../../delivery/model.ts'
import { isPaused } from '../../delivery/pause.ts'
import { endOf, endOfCall, type FindEnd, type Windows } from '../../delivery/transitions.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'

/** The numbers under which adapters are stored. They never change, so they are read once. */
export interface Adapters {
  /** The number of an adapter, if anything was ever stored for it. */
  readonly idOf: (name: string) => number | undefined
  readonly nameOf: (id: number) => string
  readonly names: () => readonly string[]
  /** Gives numbers to those that have none, in a transaction of its own: one that fails later must not take them back. */
  readonly ensure: (names: readonly string[]) => Promise<void>
}

/** Reads adapters through a connection. */
export const createAdapters = (client: Client, gate: Gate): Adapters => {
  const ids = new Map<string, number>()
  const names = new Map<number, string>()
  const load = (): void => {
    for (const { id, name } of client.all<{ id: number; name: string }>('SELECT id, name FROM adapters')) {
      ids.set(name, id)
      names.set(id, name)
    }
  }
  return {
    idOf: name => {
      if (!ids.has(name)) load()
      return ids.get(name)
    },
    nameOf: id => {
      if (!names.has(id)) load()
      return names.get(id) as string
    },
    names: () => {
      load()
      return [...ids.keys()].sort((a, b) => (a < b ? -1 : 1))
    },
    ensure: async wanted => {
      if (wanted.every(name => ids.has(name))) return
      await gate.write(() => {
        for (const name of wanted) client.run('INSERT OR IGNORE INTO adapters (name) VALUES (?)', name)
      })
      await gate.read(load)
    },
  }
}

const parsePause = (text: string | null): Pause | undefined => (text === null ? undefined : JSON.parse(text))

const lengthOf = ({ since, until }: Pause, now: number): number =>
  Math.max(0, Math.min(until ?? now, now) - since)

/** The pauses of one adapter: by limit, `''` for the whole. */
export interface Rest {
  /** When the pause of the adapter or this limit ends; `undefined`: nothing is paused. */
  readonly until: (lim: string) => number | undefined
  /** The paused time of the adapter and this limit so far, ms. */
  readonly readPausedMs: (lim: string) => number
}

/** Pauses that belong to one worker each: they hold nothing back. */
const ownOf = (client: Client, adapter: string): readonly Pause[] =>
  client
    .all<{ pause: string }>('SELECT pause FROM denials WHERE adapter = ? ORDER BY lim, worker', adapter)
    .map(({ pause }) => JSON.parse(pause) as Pause)

type Row = Readonly<{ adapter: string; lim: string; pause: string | null; rested: number; own: number }>

/** Of an adapter that was never paused. */
const NEVER_PAUSED: Rest = { until: () => undefined, readPausedMs: () => 0 }

const restOf = (rows: readonly Row[], now: number): Rest => {
  if (rows.length === 0) return NEVER_PAUSED
  const read = rows.map(row => ({ ...row, pause: parsePause(row.pause) }))
  const own = read.flatMap(row =>
    row.own === 1 && row.pause !== undefined ? [lengthOf(row.pause, now)] : [],
  )
  const of = (lim: string) => read.filter(row => row.own === 0 && (row.lim === '' || row.lim === lim))
  return {
    until: lim => {
      const ends = of(lim).flatMap(({ pause }) =>
        pause !== undefined && isPaused(pause, now) ? [pause.until ?? Number.POSITIVE_INFINITY] : [],
      )
      return ends.length === 0 ? undefined : Math.max(...ends)
    },
    readPausedMs: lim =>
      of(lim).reduce(
        (sum, { rested, pause }) => sum + rested + (pause === undefined ? 0 : lengthOf(pause, now)),
        Math.max(0, ...own),
      ),
  }
}

const IS_ANY = 'SELECT EXISTS (SELECT 1 FROM pauses) OR EXISTS (SELECT 1 FROM denials)'

/** Reads the pauses of these adapters. Most files have none, and that is found out in less time. */
export const restsOf = (client: Client, names: readonly string[], now: number): ReadonlyMap<string, Rest> => {
  if (client.row<readonly [number]>(IS_ANY)?.[0] === 0)
    return new Map(names.map(name => [name, NEVER_PAUSED]))
  const all = names.map(() => '?').join()
  const rows = client.all<Row>(
    `SELECT adapter, lim, pause, rested, 0 AS own FROM pauses WHERE adapter IN (${all})
      UNION ALL SELECT adapter, lim, pause, 0, 1 FROM denials WHERE adapter IN (${all})`,
    ...names,
    ...names,
  )
  return new Map(
    names.map(name => [
      name,
      restOf(
        rows.filter(({ adapter }) => adapter === name),
        now,
      ),
    ]),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** All that stand, those over by time too. */
export const pauses = (client: Client): readonly Pause[] =>
  [
    ...client.all<{ pause: string }>('SELECT pause FROM pauses WHERE pause IS NOT NULL'),
    ...client.all<{ pause: string }>('SELECT pause FROM denials'),
  ]
    .map(({ pause }) => JSON.parse(pause) as Pause)
    .sort(
      (a, b) =>
        compare(a.adapter, b.adapter) ||
        compare(a.limit ?? '', b.limit ?? '') ||
        compare(a.owner ?? '', b.owner ?? ''),
    )

/** Adds what a pause lasted to the paused time. */
const rest = (client: Client, { adapter, limit = '', ...pause }: Pause, at: number): void => {
  client.run(
    `INSERT INTO pauses (adapter, lim, rested) VALUES (?,?,?)
      ON CONFLICT (adapter, lim) DO UPDATE SET rested = rested + excluded.rested`,
    adapter,
    limit,
    lengthOf({ ...pause, adapter }, at),
  )
}

type Which = Pick<Pause, 'adapter' | 'limit' | 'owner'>

/** The pauses that end: the one of this name, and with an adapter's own also those of its workers. */
const standing = (client: Client, { adapter, limit = '', owner }: Which): readonly Pause[] => {
  const one =
    owner === undefined
      ? client.get<{ pause: string | null }>(
          'SELECT pause FROM pauses WHERE adapter = ? AND lim = ?',
          adapter,
          limit,
        )
      : client.get<{ pause: string | null }>(
          'SELECT pause FROM denials WHERE adapter = ? AND lim = ? AND worker = ?',
          adapter,
          limit,
          owner,
        )
  const pause = parsePause(one?.pause ?? null)
  return pause === undefined ? [] : [pause]
}

const remove = (client: Client, { adapter, limit = '', owner }: Which): void => {
  if (owner === undefined)
    client.run('UPDATE pauses SET pause = NULL WHERE adapter = ? AND lim = ?', adapter, limit)
  else client.run('DELETE FROM denials WHERE adapter = ? AND lim = ? AND worker = ?', adapter, limit, owner)
}

/** Ends a pause, and adds what it lasted until then to the paused time. */
export const endPause = (client: Client, which: Which, at: number): void => {
  const { adapter, limit, owner } = which
  const own = limit === undefined && owner === undefined ? ownOf(client, adapter) : []
  for (const pause of [...own, ...standing(client, which)]) {
    rest(client, pause, at)
    remove(client, pause)
  }
}

/** Begins a pause, in the place of the one that stands. */
export const beginPause = (client: Client, pause: Pause): void => {
  const { adapter, limit = '', owner, since } = pause
  for (const before of standing(client, pause)) rest(client, before, since)
  const text = JSON.stringify(pause)
  if (owner === undefined)
    client.run(
      `INSERT INTO pauses (adapter, lim, pause) VALUES (?,?,?)
        ON CONFLICT (adapter, lim) DO UPDATE SET pause = excluded.pause`,
      adapter,
      limit,
      text,
    )
  else
    client.run(
      'INSERT OR REPLACE INTO denials (adapter, lim, worker, pause) VALUES (?,?,?,?)',
      adapter,
      limit,
      owner,
      text,
    )
}

/** Moves the next check of a pause that stands as it was read. */
export const takeCheck = (client: Client, pause: Pause, checkAt: number): boolean => {
  const [stands] = standing(client, pause)
  if (stands === undefined || stands.checkAt !== pause.checkAt || stands.since !== pause.since) return false
  const text = JSON.stringify({ ...stands, checkAt })
  const { adapter, limit = '', owner } = pause
  if (owner === undefined)
    client.run('UPDATE pauses SET pause = ? WHERE adapter = ? AND lim = ?', text, adapter, limit)
  else
    client.run(
      'UPDATE denials SET pause = ? WHERE adapter = ? AND lim = ? AND worker = ?',
      text,
      adapter,
      limit,
      owner,
    )
  return true
}

/** The recent calls of a limit, over all workers. */
export const readWindows = (client: Client, adapter: string, lim: string): Windows => {
  const row = client.get<{ windows: string }>(
    'SELECT windows FROM windows WHERE adapter = ? AND lim = ?',
    adapter,
    lim,
  )
  return row === undefined ? [] : (JSON.parse(row.windows) as Windows)
}

/** Writes the windows of a limit. A new one removes those that are over: a limit per object must not fill the table. */
export const writeWindows = (
  client: Client,
  adapter: string,
  lim: string,
  windows: Windows,
  now: number,
): void => {
  const text = JSON.stringify(windows)
  const known = client.run(
    'UPDATE windows SET windows = ?, ends = ? WHERE adapter = ? AND lim = ?',
    text,
    endOf(windows),
    adapter,
    lim,
  )
  if (known > 0) return
  client.run('DELETE FROM windows WHERE ends < ?', now)
  client.run(
    'INSERT INTO windows (adapter, lim, windows, ends) VALUES (?,?,?,?)',
    adapter,
    lim,
    text,
    endOf(windows),
  )
}

const STANDS = `SELECT l.served, EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.position = ?2 AND d.rank = ?3
  AND d.token IS NOT NULL AND d.state IN (2, 3)) AS held FROM lanes l WHERE l.id = ?1`

/** Finds when calls ended: those of deliveries by their places, and reads by their time. */
export const findEnd =
  (client: Client, now: number): FindEnd =>
  ([which, at, until]) => {
    if (until !== undefined) return until <= now ? until : undefined
    const [lane = 0, position = 0, rank = 0] = which.split('.').map(Number)
    const [served, held] = client.row<readonly [number, number]>(STANDS, lane, position, rank) ?? [0, 0]
    return endOfCall(at, held === 1, served, now)
  }
