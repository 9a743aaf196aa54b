/**
 * Version 1: the tables. `@` stands for the schema. Times are epoch ms of the server's clock, states and vias are places in
 * the lists of `rows.ts`, and JSON is text where nothing in the database reads it.
 *
 * `heads` has one narrow row per lane: it is the lane's lock and says when its head may be worked on. `lanes` has what a
 * lane remembers and changes seldom. No column that an attempt changes is in an index of `deliveries`, so that its updates
 * stay on their page; `attention` finds what waits for a person. `strays` has what a worker holds and no head stands for,
 * which happens when something was placed before it. `tallies` has differences, which are summed up now and then: a row
 * that everybody counts in would be a lock that everybody waits for.
 */
export const TABLES = `
CREATE TABLE @.identity (
  id text NOT NULL DEFAULT gen_random_uuid()::text,
  single boolean PRIMARY KEY DEFAULT true CHECK (single)
);
INSERT INTO @.identity DEFAULT VALUES;

CREATE TABLE @.members (
  id uuid PRIMARY KEY,
  seen_at bigint NOT NULL,
  silent_ms bigint NOT NULL DEFAULT 15000,
  ended smallint,
  host text NOT NULL DEFAULT '',
  library text NOT NULL DEFAULT ''
) WITH (fillfactor = 50);

CREATE TABLE @.sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session text COLLATE "C" NOT NULL UNIQUE,
  revision int NOT NULL,
  project text COLLATE "C" NOT NULL,
  usr text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  agent text COLLATE "C",
  workspace text COLLATE "C",
  machine text COLLATE "C",
  mirror boolean NOT NULL DEFAULT true,
  started_at bigint NOT NULL,
  ended_at bigint,
  last_event_at bigint NOT NULL,
  writer uuid NOT NULL,
  summary text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX sessions_by_start ON @.sessions (started_at, id);
CREATE INDEX sessions_by_project ON @.sessions (project, started_at, id);
CREATE INDEX sessions_active ON @.sessions (project, id) WHERE status = 'active';
CREATE INDEX sessions_ended ON @.sessions (id) WHERE status <> 'active';

CREATE TABLE @.events (
  session bigint NOT NULL,
  sequence int NOT NULL,
  id text COLLATE "C" NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (session, sequence)
);
CREATE UNIQUE INDEX events_of_no_session ON @.events (id) WHERE session = 0;

CREATE TABLE @.keys (
  session bigint NOT NULL,
  event text COLLATE "C" NOT NULL,
  sequence int NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (session, event)
);

CREATE TABLE @.messages (
  session bigint NOT NULL,
  sequence int NOT NULL,
  event text COLLATE "C" NOT NULL,
  project text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  stored_at bigint NOT NULL,
  content text NOT NULL,
  found tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, left(content, 100000))) STORED,
  PRIMARY KEY (session, sequence)
);
CREATE INDEX messages_by_time ON @.messages (at DESC, event DESC);
CREATE INDEX messages_by_project ON @.messages (project, at DESC, event DESC);
CREATE INDEX messages_by_age ON @.messages (stored_at);
CREATE INDEX messages_found ON @.messages USING gin (found);

CREATE TABLE @.adapters (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE @.gates (
  adapter smallint NOT NULL,
  lim text COLLATE "C" NOT NULL,
  pause jsonb,
  rested bigint NOT NULL DEFAULT 0,
  windows jsonb NOT NULL DEFAULT '[]',
  ends bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (adapter, lim)
) WITH (fillfactor = 50);

CREATE TABLE @.denials (
  adapter smallint NOT NULL,
  lim text COLLATE "C" NOT NULL,
  worker text COLLATE "C" NOT NULL,
  pause jsonb NOT NULL,
  PRIMARY KEY (adapter, lim, worker)
);

CREATE TABLE @.lanes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  adapter smallint NOT NULL,
  lane text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL DEFAULT '',
  mirrors boolean NOT NULL DEFAULT false,
  names jsonb NOT NULL DEFAULT '{}',
  sent jsonb NOT NULL DEFAULT '{}',
  refs jsonb NOT NULL DEFAULT '{}',
  gone text,
  UNIQUE (lane, adapter)
) WITH (fillfactor = 80);

CREATE TABLE @.heads (
  lane bigint PRIMARY KEY,
  adapter smallint NOT NULL,
  target text COLLATE "C" NOT NULL DEFAULT '',
  through int NOT NULL DEFAULT 0,
  next bigint NOT NULL DEFAULT 1,
  walk bigint NOT NULL DEFAULT 1,
  kind smallint,
  lim text COLLATE "C",
  due bigint,
  ready bigint,
  planned bigint,
  served bigint NOT NULL DEFAULT 0,
  still boolean NOT NULL DEFAULT false
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX heads_due ON @.heads (adapter, kind, target, lim, due, lane) WHERE kind IN (1, 2, 4);
CREATE INDEX heads_held ON @.heads (adapter) WHERE kind = 3;

CREATE TABLE @.strays (
  lane bigint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (lane, position)
);

CREATE TABLE @.deliveries (
  lane bigint NOT NULL,
  position bigint NOT NULL,
  rank bigint NOT NULL,
  key text COLLATE "C" NOT NULL UNIQUE,
  state smallint NOT NULL,
  via smallint NOT NULL,
  holds boolean NOT NULL,
  attention boolean NOT NULL DEFAULT false,
  again smallint NOT NULL DEFAULT 0,
  reads smallint NOT NULL DEFAULT 0,
  leads boolean NOT NULL DEFAULT false,
  keep boolean NOT NULL DEFAULT false,
  sequence int NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  misses int NOT NULL DEFAULT 0,
  unreported int NOT NULL DEFAULT 0,
  every_ms bigint,
  planned_at bigint NOT NULL,
  due_at bigint NOT NULL,
  paused_before bigint NOT NULL DEFAULT 0,
  first_at bigint,
  clock_at bigint,
  doubt_since bigint,
  lease_until bigint,
  settled_at bigint,
  exposed boolean NOT NULL DEFAULT false,
  token text COLLATE "C",
  owner text COLLATE "C",
  action text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  lim text COLLATE "C",
  needs jsonb,
  reason text,
  rejected text,
  successor text COLLATE "C",
  waits_for text COLLATE "C",
  body text,
  PRIMARY KEY (lane, position)
) WITH (fillfactor = 75, toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE @.deliveries ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX deliveries_attention ON @.deliveries (lane, position) WHERE attention;

CREATE TABLE @.captures (
  lane bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  value text,
  PRIMARY KEY (lane, name, position)
);

CREATE TABLE @.tallies (
  adapter smallint NOT NULL,
  target text COLLATE "C" NOT NULL,
  state smallint NOT NULL,
  count bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
`
