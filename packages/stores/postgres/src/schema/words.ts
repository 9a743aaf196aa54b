/**
 * Version 2. `words` has a row for each session that a search has looked at: its words up to the event `through`. A row is
 * removed with its session and with every text that is erased, and the next search makes it again. Words are parted by
 * core and not by the parser of `to_tsvector`, which keeps addresses and versions whole.
 */
export const WORDS = `
CREATE TABLE @.words (
  session bigint PRIMARY KEY,
  through int NOT NULL,
  words text[] COLLATE "C" NOT NULL
);
CREATE INDEX words_found ON @.words USING gin (words);
`
