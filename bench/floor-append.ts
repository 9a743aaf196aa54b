import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Placed, Store } from '@sessionwire/core/delivery'
import { type Cost, measureCost } from './measure.ts'

type Commit = Parameters<Store['commit']>[0]

/** The rows of one commit: what was given, and where each delivery stands. */
export type Written = Readonly<{ commit: Commit; placed: readonly Placed[] }>

const SCHEMA = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA page_size = 2048;
  CREATE TABLE sessions (id TEXT PRIMARY KEY, revision INTEGER, project TEXT, user TEXT, status TEXT, at INTEGER,
    summary TEXT) STRICT;
  CREATE INDEX sessions_by_project ON sessions (project, at);
  CREATE TABLE bodies (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE events (session TEXT, sequence INTEGER, body INTEGER, PRIMARY KEY (session, sequence)) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (session TEXT, event TEXT, sequence INTEGER, digest TEXT, PRIMARY KEY (session, event)) STRICT, WITHOUT ROWID;
  CREATE TABLE lanes (adapter TEXT, lane TEXT, through INTEGER, due INTEGER, PRIMARY KEY (adapter, lane)) STRICT, WITHOUT ROWID;
  CREATE TABLE deliveries (adapter TEXT, lane TEXT, position INTEGER, key TEXT UNIQUE, action TEXT, name TEXT, state INTEGER,
    due INTEGER, body INTEGER, successor TEXT, PRIMARY KEY (adapter, lane, position)) STRICT, WITHOUT ROWID;
  CREATE TABLE captures (adapter TEXT, lane TEXT, name TEXT, position INTEGER, value TEXT,
    PRIMARY KEY (adapter, lane, name, position)) STRICT, WITHOUT ROWID;`

/**
 * The floor of an append: bare `node:sqlite` that writes the rows of each commit (event, key, session, lanes, deliveries with
 * what they replace, names of captures) in one transaction by prepared statements, and checks nothing.
 */
export const appendFloor = async (all: readonly Written[]): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const db = new DatabaseSync(join(folder, 'floor.db'))
  db.exec(SCHEMA)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const body = db.prepare('INSERT INTO bodies (text) VALUES (?)')
  const event = db.prepare('INSERT INTO events VALUES (?, ?, ?)')
  const key = db.prepare('INSERT INTO keys VALUES (?, ?, ?, ?)')
  const session = db.prepare(`INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET revision = excluded.revision, summary = excluded.summary`)
  const lane = db.prepare(`INSERT INTO lanes VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET through = excluded.through, due = excluded.due`)
  const delivery = db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)')
  const capture = db.prepare('INSERT INTO captures VALUES (?, ?, ?, ?, NULL)')
  const replaced = db.prepare('UPDATE deliveries SET state = 6, successor = ?, body = NULL WHERE key = ?')
  const moved = db.prepare(
    'UPDATE deliveries SET state = 6, successor = ?, body = NULL, position = ? WHERE key = ?',
  )
  const emptied = db.prepare('DELETE FROM bodies WHERE id = ?')
  const rewritten = db.prepare('UPDATE bodies SET text = ? WHERE id = ?')

  // Where each delivery stands and has its text: a program of one process need not read that.
  const known = new Map<string, Readonly<{ position: number; text: number | bigint }>>()
  // Those whose position was taken stand behind all others.
  let behind = 1_000_000
  const write = ({ commit, placed }: Written): void => {
    const now = Date.now()
    begin.run()
    for (const each of commit.events) {
      const text = body.run(JSON.stringify(each)).lastInsertRowid
      event.run(each.sessionId, each.sequence, text)
    }
    if (commit.session !== undefined) {
      const { summary, key: known } = commit.session
      const { id, revision, project, user, status } = summary
      session.run(id, revision, project, user, status, now, JSON.stringify(summary))
      if (known !== undefined) key.run(id, known.eventId, revision, known.digest)
    }
    let n = 0
    for (const plan of commit.lanes) {
      lane.run(plan.adapter, plan.lane, plan.through?.to ?? 0, now)
      for (const incoming of plan.deliveries) {
        const { position, replaced: others } = placed[n++] as Placed
        let free: number | bigint | undefined
        for (const old of others) {
          const before = known.get(old)
          known.delete(old)
          if (before?.position === position) moved.run(incoming.key, behind++, old)
          else replaced.run(incoming.key, old)
          if (free === undefined) free = before?.text
          else if (before !== undefined) emptied.run(before.text)
        }
        const json = JSON.stringify(incoming.descriptor)
        const text = free ?? body.run(json).lastInsertRowid
        if (free !== undefined) rewritten.run(json, free)
        known.set(incoming.key, { position, text })
        const { action, descriptor } = incoming
        const name = descriptor?.coalesce?.name ?? null
        delivery.run(plan.adapter, plan.lane, position, incoming.key, action, name, 1, now, text)
        for (const captured of Object.keys(descriptor?.captures ?? {}))
          capture.run(plan.adapter, plan.lane, captured, position)
      }
    }
    end.run()
  }

  const cost = await measureCost(async () => {
    for (const each of all) {
      write(each)
      await undefined
    }
  })
  db.close()
  await rm(folder, { recursive: true })
  return cost
}
