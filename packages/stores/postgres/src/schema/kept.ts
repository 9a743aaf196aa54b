/**
 * Version 3: what keeps a search, the counts and a claim as fast with a million rows as with a few. `unread`: events were recorded
 * since a search looked at the session; its index has only those. A word that most sessions
 * have is looked for from the newest session on; with few statistics the planner would take every word for one of those. The others find the oldest head of an adapter, and whether any of its pauses
 * matters. Most deliveries that a claim takes are neighbours, so a page has room for new versions of most of its rows.
 */
export const KEPT = `
ALTER TABLE @.sessions ADD COLUMN unread boolean NOT NULL DEFAULT true;
ALTER TABLE @.words ADD COLUMN at bigint NOT NULL DEFAULT 0;
UPDATE @.words w SET at = s.last_event_at FROM @.sessions s WHERE s.id = w.session;
UPDATE @.sessions s SET unread = false FROM @.words w WHERE w.session = s.id AND w.through = s.revision;
CREATE INDEX words_by_time ON @.words (at, session);
ALTER TABLE @.words ALTER COLUMN words SET STATISTICS 1000;
CREATE INDEX sessions_unread ON @.sessions (id) WHERE unread;
CREATE INDEX heads_planned ON @.heads (adapter, planned) WHERE kind IN (1, 2, 4);
CREATE INDEX gates_paused ON @.gates (adapter) WHERE pause IS NOT NULL OR rested <> 0;
ALTER TABLE @.deliveries SET (fillfactor = 60);
CREATE FUNCTION @.forget_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE @.sessions SET unread = true WHERE id = OLD.session AND NOT unread;
  RETURN NULL;
END $$;
CREATE TRIGGER words_forgotten AFTER DELETE ON @.words FOR EACH ROW EXECUTE FUNCTION @.forget_words();
`
