/**
 * Views that people and other programs read by plain SQL. Nothing of the library depends on it: its columns are a promise, the
 * tables' are not.
 */
export const VIEWS = `
CREATE VIEW @.conversation_sessions AS
  SELECT s.session, s.project, s.usr AS user_name, s.agent, s.workspace, s.machine, s.status, s.summary::json ->> 'title' AS title,
    to_timestamp(s.started_at / 1000.0) AS started_at, to_timestamp(s.ended_at / 1000.0) AS ended_at,
    to_timestamp(s.last_event_at / 1000.0) AS last_event_at, s.revision
  FROM @.sessions s;
CREATE VIEW @.conversation_messages AS
  SELECT s.session, m.project, m.sequence, m.event, m.at, m.role, e.body::json #>> '{payload,name}' AS name, m.content, m.found
  FROM @.messages m JOIN @.sessions s ON s.id = m.session JOIN @.events e ON e.session = m.session AND e.sequence = m.sequence;
CREATE VIEW @.conversation AS
  SELECT c.session, c.project, s.title, s.status, s.agent, s.user_name, c.sequence, c.at, c.role, c.name, c.content, c.found
  FROM @.conversation_messages c JOIN @.conversation_sessions s ON s.session = c.session;
CREATE VIEW @.status AS
  SELECT a.name AS adapter, CASE t.state WHEN 0 THEN 'planned' WHEN 1 THEN 'waiting' WHEN 2 THEN 'claimed' WHEN 3 THEN 'begun' WHEN 4 THEN 'dead'
      WHEN 5 THEN 'delivered' WHEN 6 THEN 'replaced' WHEN 7 THEN 'dropped' WHEN 100 THEN 'lanes' WHEN 102 THEN 'gone' WHEN 103 THEN 'in doubt' END AS state,
    sum(t.count)::bigint AS count
  FROM @.tallies t JOIN @.adapters a ON a.id = t.adapter WHERE t.state <> 101 GROUP BY 1, 2 HAVING sum(t.count) <> 0;
-- Lanes whose head is due and was not taken for ten minutes, and which no pause holds back.
CREATE VIEW @.stuck AS
  SELECT a.name AS adapter, l.lane, to_timestamp(h.due / 1000.0) AS due FROM @.heads h JOIN @.lanes l ON l.id = h.lane JOIN @.adapters a ON a.id = h.adapter
  WHERE h.kind IN (1, 2) AND h.due < @.ms() - 600000 AND NOT EXISTS (SELECT 1 FROM @.gates g WHERE g.adapter = h.adapter AND g.lim IN ('', h.lim) AND g.pause IS NOT NULL);
CREATE VIEW @.attention AS
  SELECT a.name AS adapter, l.lane, d.key, d.action, CASE d.state WHEN 0 THEN 'planned' WHEN 4 THEN 'dead' ELSE 'in doubt' END AS state, d.reason,
    to_timestamp(d.planned_at / 1000.0) AS planned_at
  FROM @.deliveries d JOIN @.lanes l ON l.id = d.lane JOIN @.adapters a ON a.id = l.adapter WHERE d.attention;
-- How many lanes have something due: for an autoscaler. It counts no further than a thousand.
CREATE FUNCTION @.backlog() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (SELECT 1 FROM @.heads WHERE kind IN (1, 2) AND due <= @.ms() LIMIT 1000) x
$$;
`
