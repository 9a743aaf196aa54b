/** The function that counts rows that a statement added or removed. */
const countRows = (
  rows: 'added' | 'removed',
  sum: string,
): string => `CREATE FUNCTION @.tally_${rows}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO @.tallies (adapter, target, state, count)
    SELECT l.adapter, l.target, s.state, ${sum} FROM ${rows} n JOIN @.lanes l ON l.id = n.lane
      CROSS JOIN LATERAL (SELECT CASE WHEN n.state = 2 OR n.state = 3 AND n.token IS NOT NULL THEN 1 ELSE n.state END
        UNION ALL SELECT 103 WHERE n.doubt_since IS NOT NULL) s(state)
      GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;`

/** Triggers that count what statements of other places than the hot functions change. */
export const TALLY = `
${countRows('added', 'count(*)')}
${countRows('removed', '-count(*)')}
CREATE FUNCTION @.tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO @.tallies (adapter, target, state, count)
    SELECT l.adapter, l.target, x.state, sum(x.count) FROM (
      SELECT c.lane, s.state, sum(c.count) AS count FROM (
        SELECT lane, state, token, doubt_since, 1 AS count FROM added
        UNION ALL SELECT lane, state, token, doubt_since, -1 FROM removed) c
        CROSS JOIN LATERAL (SELECT CASE WHEN c.state = 2 OR c.state = 3 AND c.token IS NOT NULL THEN 1 ELSE c.state END
          UNION ALL SELECT 103 WHERE c.doubt_since IS NOT NULL) s(state)
        GROUP BY 1, 2 HAVING sum(c.count) <> 0) x
      JOIN @.lanes l ON l.id = x.lane GROUP BY 1, 2, 3 HAVING sum(x.count) <> 0;
  RETURN NULL;
END $$;
-- Functions that count themselves, or change no count, say so: \`sessionwire.counted\`.
CREATE TRIGGER tally_added AFTER INSERT ON @.deliveries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT WHEN (current_setting('sessionwire.counted', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION @.tally_added();
CREATE TRIGGER tally_removed AFTER DELETE ON @.deliveries REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION @.tally_removed();
CREATE TRIGGER tally_changed AFTER UPDATE ON @.deliveries REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT WHEN (current_setting('sessionwire.counted', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION @.tally_changed();
`
