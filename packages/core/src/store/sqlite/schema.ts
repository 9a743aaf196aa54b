/** Marks a database file as ours (`SWir`), so that another program's file is never written to. */
export const APPLICATION_ID = 0x53_57_69_72

/**
 * Version 1. Times are epoch ms, states and vias are places in the lists of `rows.ts`, JSON is text.
 *
 * `lanes` holds where the walk of each lane stands: `walk` is the position of its head or of what stops it (else `next`),
 * and `kind`, `lim`, `due` and `ready` say when that head may be worked on, so that a claim reads one index and never the
 * backlog. The JSON of events and descriptors is kept apart from their rows, one after the other: a
 * commit writes few pages, and walking and counting read few. `captures` has a row
 * without a value for what an open delivery will capture. `deliveries_attention` finds what waits for a person.
 */
const VERSION_1 = `
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  project TEXT NOT NULL,
  user TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  last_event_at INTEGER NOT NULL,
  writer TEXT NOT NULL,
  writer_closed INTEGER NOT NULL DEFAULT 0,
  summary TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_start ON sessions (started_at);
CREATE INDEX sessions_by_project ON sessions (project, started_at);
CREATE INDEX sessions_active ON sessions (started_at) WHERE status = 'active';

CREATE TABLE events (
  session INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  body INTEGER NOT NULL,
  PRIMARY KEY (session, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE adapters (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  owner TEXT,
  until INTEGER
) STRICT;

CREATE TABLE pauses (
  adapter TEXT NOT NULL,
  lim TEXT NOT NULL,
  pause TEXT,
  rested INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (adapter, lim)
) STRICT, WITHOUT ROWID;

CREATE TABLE lanes (
  id INTEGER PRIMARY KEY,
  adapter INTEGER NOT NULL,
  lane TEXT NOT NULL,
  through INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL DEFAULT 1,
  walk INTEGER NOT NULL DEFAULT 1,
  kind INTEGER,
  lim TEXT,
  due INTEGER,
  ready INTEGER,
  names TEXT NOT NULL DEFAULT '{}',
  sent TEXT NOT NULL DEFAULT '{}',
  gone TEXT,
  refs TEXT NOT NULL DEFAULT '{}',
  UNIQUE (lane, adapter)
) STRICT;
CREATE INDEX lanes_heads ON lanes (adapter, kind, lim, due) WHERE kind IS NOT NULL;

CREATE TABLE deliveries (
  lane INTEGER NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  action TEXT NOT NULL,
  via INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  holds INTEGER NOT NULL,
  body INTEGER,
  name TEXT,
  every_ms INTEGER,
  lim TEXT,
  planned_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  misses INTEGER NOT NULL DEFAULT 0,
  unreported INTEGER NOT NULL DEFAULT 0,
  paused_before INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER,
  clock_at INTEGER,
  doubt_since INTEGER,
  exposed INTEGER,
  lease_until INTEGER,
  settled_at INTEGER,
  owner TEXT,
  token TEXT,
  reason TEXT,
  rejected TEXT,
  successor TEXT,
  waits_for TEXT,
  PRIMARY KEY (lane, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_attention ON deliveries (lane, position) WHERE state IN (0, 4) OR doubt_since IS NOT NULL;

CREATE TABLE bodies (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE captures (
  lane INTEGER NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  value TEXT,
  PRIMARY KEY (lane, name, position)
) STRICT, WITHOUT ROWID;
`

/** What brings a file from version n to n + 1. One that was published is never changed. */
export const MIGRATIONS: readonly string[] = [VERSION_1]
