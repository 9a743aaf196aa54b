import { RECORDING_2, SEARCH_3 } from './recording-schema.ts'

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

/** Numbers that `counts` has in addition to those of states. */
export const LANES = '100'
export const MIRRORS = '101'
export const GONE = '102'
export const DOUBTS = '103'
export const SESSIONS = '104'

const UNCOUNT = (state: string, adapter: string, target: string): string =>
  `UPDATE counts SET count = count - 1 WHERE adapter = ${adapter} AND target = ${target} AND state = ${state}`

/**
 * The state a delivery is counted under: one that a worker holds counts as waiting, so that a claim and a begin change no
 * count. How many are held, and in which state, an index of them says.
 */
const groupOf = (row: string): string =>
  `CASE WHEN ${row}.state = 2 OR ${row}.state = 3 AND ${row}.token IS NOT NULL THEN 1 ELSE ${row}.state END`
const countUp = (row: string, state: string): string =>
  `INSERT INTO counts (adapter, target, state, count) SELECT adapter, target, ${state}, 1 FROM lanes WHERE id = ${row}.lane
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + 1;`
const countDown = (row: string, state: string): string =>
  `UPDATE counts SET count = count - 1
    WHERE (adapter, target) = (SELECT adapter, target FROM lanes WHERE id = ${row}.lane) AND state = ${state};`

/**
 * Version 2. Lanes are given, not adapters: a lane knows its `target` (empty: any), when it was last `served`, and whether
 * it mirrors a session. `windows` holds what was called of each limit, over all workers; `denials` the pauses that belong
 * to one worker. `counts` is kept by triggers, so that a status reads a row per adapter and state: states by their number,
 * ${LANES} for lanes, ${MIRRORS} for lanes of sessions, ${GONE} for lanes whose card was deleted, ${DOUBTS} for what is in
 * doubt, and under adapter 0 the number of sessions.
 */
const VERSION_2 = `
DROP INDEX lanes_heads;
ALTER TABLE deliveries ADD COLUMN waits_for TEXT;
ALTER TABLE adapters DROP COLUMN owner;
ALTER TABLE adapters DROP COLUMN until;
ALTER TABLE lanes ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE lanes ADD COLUMN served INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN mirrors INTEGER NOT NULL DEFAULT 0;
UPDATE lanes SET mirrors = 1 WHERE lane IN (SELECT session FROM sessions);
CREATE INDEX lanes_heads ON lanes (adapter, kind, target, lim, due) WHERE kind IS NOT NULL;

CREATE INDEX deliveries_held ON deliveries (lane, position) WHERE token IS NOT NULL;

CREATE TABLE windows (
  adapter TEXT NOT NULL,
  lim TEXT NOT NULL,
  windows TEXT NOT NULL,
  ends INTEGER NOT NULL,
  PRIMARY KEY (adapter, lim)
) STRICT, WITHOUT ROWID;

CREATE TABLE denials (
  adapter TEXT NOT NULL,
  lim TEXT NOT NULL,
  worker TEXT NOT NULL,
  pause TEXT NOT NULL,
  PRIMARY KEY (adapter, lim, worker)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
  adapter INTEGER NOT NULL,
  target TEXT NOT NULL,
  state INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (adapter, target, state)
) STRICT, WITHOUT ROWID;
INSERT INTO counts SELECT l.adapter, '', ${groupOf('d')}, count(*) FROM deliveries d JOIN lanes l ON l.id = d.lane
  GROUP BY 1, 3;
INSERT INTO counts SELECT l.adapter, '', ${DOUBTS}, count(*) FROM deliveries d JOIN lanes l ON l.id = d.lane
  WHERE d.doubt_since IS NOT NULL GROUP BY 1;
INSERT INTO counts SELECT adapter, '', ${LANES}, count(*) FROM lanes GROUP BY 1;
INSERT INTO counts SELECT adapter, '', ${MIRRORS}, sum(mirrors) FROM lanes GROUP BY 1;
INSERT INTO counts SELECT adapter, '', ${GONE}, count(gone) FROM lanes GROUP BY 1;
INSERT INTO counts SELECT 0, '', ${SESSIONS}, count(*) FROM sessions;

CREATE TRIGGER deliveries_added AFTER INSERT ON deliveries BEGIN
  ${countUp('NEW', groupOf('NEW'))}
END;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF state ON deliveries
  WHEN ${groupOf('OLD')} <> ${groupOf('NEW')} BEGIN
  ${countDown('NEW', groupOf('OLD'))}
  ${countUp('NEW', groupOf('NEW'))}
END;
CREATE TRIGGER deliveries_removed AFTER DELETE ON deliveries BEGIN
  ${countDown('OLD', groupOf('OLD'))}
END;
CREATE TRIGGER deliveries_doubted AFTER UPDATE OF doubt_since ON deliveries
  WHEN (OLD.doubt_since IS NULL) <> (NEW.doubt_since IS NULL) BEGIN
  ${countDown('OLD', `CASE WHEN OLD.doubt_since IS NOT NULL THEN ${DOUBTS} END`)}
  INSERT INTO counts (adapter, target, state, count)
    SELECT adapter, target, ${DOUBTS}, 1 FROM lanes WHERE id = NEW.lane AND NEW.doubt_since IS NOT NULL
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER deliveries_doubt_removed AFTER DELETE ON deliveries WHEN OLD.doubt_since IS NOT NULL BEGIN
  ${countDown('OLD', DOUBTS)}
END;
CREATE TRIGGER lanes_added AFTER INSERT ON lanes BEGIN
  INSERT INTO counts (adapter, target, state, count)
    VALUES (NEW.adapter, NEW.target, ${LANES}, 1), (NEW.adapter, NEW.target, ${MIRRORS}, NEW.mirrors)
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER lanes_removed AFTER DELETE ON lanes BEGIN
  ${UNCOUNT(LANES, 'OLD.adapter', 'OLD.target')};
  UPDATE counts SET count = count - OLD.mirrors
    WHERE adapter = OLD.adapter AND target = OLD.target AND state = ${MIRRORS};
  UPDATE counts SET count = count - (OLD.gone IS NOT NULL)
    WHERE adapter = OLD.adapter AND target = OLD.target AND state = ${GONE};
END;
CREATE TRIGGER lanes_gone AFTER UPDATE OF gone ON lanes WHEN (OLD.gone IS NULL) <> (NEW.gone IS NULL)
  AND OLD.target = NEW.target BEGIN
  INSERT INTO counts (adapter, target, state, count)
    VALUES (NEW.adapter, NEW.target, ${GONE}, (NEW.gone IS NOT NULL) - (OLD.gone IS NOT NULL))
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER lanes_moved AFTER UPDATE OF target ON lanes WHEN OLD.target <> NEW.target BEGIN
  INSERT INTO counts (adapter, target, state, count)
    SELECT NEW.adapter, NEW.target, ${groupOf('d')}, count(*) FROM deliveries d WHERE lane = NEW.id GROUP BY 3
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
  INSERT INTO counts (adapter, target, state, count)
    VALUES (NEW.adapter, NEW.target, ${LANES}, 1), (NEW.adapter, NEW.target, ${MIRRORS}, NEW.mirrors),
      (NEW.adapter, NEW.target, ${GONE}, NEW.gone IS NOT NULL),
      (NEW.adapter, NEW.target, ${DOUBTS},
        (SELECT count(*) FROM deliveries WHERE lane = NEW.id AND doubt_since IS NOT NULL))
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
  INSERT INTO counts (adapter, target, state, count)
    SELECT NEW.adapter, OLD.target, ${groupOf('d')}, -count(*) FROM deliveries d WHERE lane = NEW.id GROUP BY 3
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
  INSERT INTO counts (adapter, target, state, count)
    VALUES (NEW.adapter, OLD.target, ${LANES}, -1), (NEW.adapter, OLD.target, ${MIRRORS}, -NEW.mirrors),
      (NEW.adapter, OLD.target, ${GONE}, -(OLD.gone IS NOT NULL)),
      (NEW.adapter, OLD.target, ${DOUBTS},
        -(SELECT count(*) FROM deliveries WHERE lane = NEW.id AND doubt_since IS NOT NULL))
    ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER sessions_added AFTER INSERT ON sessions BEGIN
  UPDATE counts SET count = count + 1 WHERE adapter = 0 AND target = '' AND state = ${SESSIONS};
END;
CREATE TRIGGER sessions_removed AFTER DELETE ON sessions BEGIN
  UPDATE counts SET count = count - 1 WHERE adapter = 0 AND target = '' AND state = ${SESSIONS};
END;
`

/** Has the trigger of moves count a change of state, where a statement writes no reason of its own. */
export const COUNT_MOVE = 'reason = reason'

/**
 * Version 4. SQLite keeps a journal for each statement that a trigger listens to: measured, that costs as much as the
 * statement. So the trigger of moves listens to `reason`, which every statement writes that changes the state a delivery is
 * counted under, but for the usual end: `settle.ts` counts those itself, once for a transaction. A claim changes no count.
 */
const COUNTS_4 = `
DROP TRIGGER deliveries_moved;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF reason ON deliveries
  WHEN ${groupOf('OLD')} <> ${groupOf('NEW')} BEGIN
  ${countDown('NEW', groupOf('OLD'))}
  ${countUp('NEW', groupOf('NEW'))}
END;
`

/**
 * Version 5. The same for a new delivery, which each commit writes: `lane.ts` counts it, and what gives way to it, once for a lane.
 */
const COUNTS_5 = 'DROP TRIGGER deliveries_added;'

/** The steps that bring a file from version n to n + 1. A published one is never changed. */
export const MIGRATIONS: readonly string[] = [
  VERSION_1,
  VERSION_2 + RECORDING_2,
  SEARCH_3,
  COUNTS_4,
  COUNTS_5,
]
