/**
 * The tables that version 2 adds for recording. `keys` finds the event of a key; `messages` keeps the content of messages apart from
 * their events, for its own retention; `identity` has one row, the id of the file.
 */
export const RECORDING_2 = `
CREATE TABLE keys (
  session INTEGER NOT NULL,
  event TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (session, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  event TEXT NOT NULL,
  time INTEGER NOT NULL,
  at INTEGER NOT NULL,
  role TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_of_event ON messages (session, sequence);
CREATE INDEX messages_by_at ON messages (at, event);
CREATE INDEX messages_by_time ON messages (time);

CREATE TABLE identity (id TEXT NOT NULL) STRICT;
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
`

/**
 * Version 3. `words` has a row for each session that a search has looked at: its words up to the event `through`, each
 * between line feeds, in no order. A row is removed with its session and with every text that is erased, and the next
 * search makes it again. The index of FTS5 keeps beginnings of words that were removed from it, even with `secure-delete`.
 */
export const SEARCH_3 = `
CREATE TABLE words (
  session INTEGER PRIMARY KEY,
  through INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT;
CREATE INDEX words_by_last ON words (last_at, session);
`
