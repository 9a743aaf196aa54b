import { SETTINGS } from './walk.ts'

/**
 * Recording, in one round trip. \`_bodies\` has one JSON text a line, since JSON has no raw line feed: the summary, then
 * events, then contents of messages, then descriptors. \`record_1\` answers true for events of no session that were all
 * stored before, and null for a commit that is given \`again\` and was made, but whose answer was lost. Refusals are SW409 (another
 * revision) and SW423 (an active session).
 */
export const COMMIT = `
CREATE FUNCTION @.record_1(_member uuid, _meta jsonb, _bodies text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE s jsonb := _meta -> 'session'; sid bigint; rev int; other text; known int := 0; event record; k jsonb;
BEGIN
  IF jsonb_typeof(_meta) <> 'object' THEN RAISE EXCEPTION 'the parameters of a commit must be an object'; END IF;
  IF _meta ? 'member' THEN
    INSERT INTO members (id, seen_at, silent_ms, host, library)
      VALUES (_member, ms(), (_meta -> 'member' ->> 'silentMs')::bigint, _meta -> 'member' ->> 'host', _meta -> 'member' ->> 'library')
      ON CONFLICT (id) DO NOTHING;
  END IF;
  IF s IS NULL THEN
    IF jsonb_array_length(_meta -> 'events') = 0 THEN RETURN false; END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('@ events of no session', 0));
    FOR event IN SELECT e.v ->> 'id' AS id, e.o FROM jsonb_array_elements(_meta -> 'events') WITH ORDINALITY AS e(v, o) ORDER BY o LOOP
      IF EXISTS (SELECT 1 FROM events v WHERE v.session = 0 AND v.id = event.id) THEN known := known + 1; CONTINUE; END IF;
      INSERT INTO events (session, sequence, id, body)
        VALUES (0, 1 + coalesce((SELECT max(v.sequence) FROM events v WHERE v.session = 0), 0), event.id, _bodies[event.o]);
    END LOOP;
    RETURN known = jsonb_array_length(_meta -> 'events');
  END IF;
  IF (s ->> 'exclusive')::boolean THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(E'\\n', '@', s ->> 'project', s ->> 'workspace', s ->> 'agent'), 1));
  END IF;
  IF (s ->> 'expected')::int = 0 THEN
    INSERT INTO sessions AS t (session, revision, project, usr, status, agent, workspace, machine, mirror, started_at, ended_at, last_event_at, writer, summary)
      VALUES (s ->> 'id', (s ->> 'revision')::int, s ->> 'project', s ->> 'user', s ->> 'status', s ->> 'agent', s ->> 'workspace', s ->> 'machine',
        (s ->> 'mirror')::boolean, (s ->> 'startedAt')::bigint, (s ->> 'endedAt')::bigint, (s ->> 'lastEventAt')::bigint, _member, _bodies[1])
      ON CONFLICT (session) DO NOTHING RETURNING t.id INTO sid;
    IF sid IS NOT NULL THEN INSERT INTO tallies (adapter, target, state, count) VALUES (0, '', 104, 1); END IF;
  ELSE
    UPDATE sessions t SET revision = (s ->> 'revision')::int, status = s ->> 'status', ended_at = (s ->> 'endedAt')::bigint,
        last_event_at = (s ->> 'lastEventAt')::bigint, writer = _member, summary = _bodies[1], unread = true
      WHERE t.session = s ->> 'id' AND t.revision = (s ->> 'expected')::int RETURNING t.id INTO sid;
  END IF;
  IF sid IS NULL THEN
    SELECT t.id, t.revision INTO sid, rev FROM sessions t WHERE t.session = s ->> 'id';
    IF (_meta ->> 'again')::boolean AND jsonb_array_length(_meta -> 'events') > 0 AND NOT EXISTS (
      SELECT 1 FROM jsonb_to_recordset(_meta -> 'events') AS x(sequence int, id text)
        WHERE NOT EXISTS (SELECT 1 FROM events v WHERE v.session = sid AND v.sequence = x.sequence AND v.id = x.id)) THEN
      RETURN NULL;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'SW409', MESSAGE = 'Session ' || (s ->> 'id') || ' is at ' || coalesce(rev, 0) || ', not at ' || (s ->> 'expected');
  END IF;
  IF (s ->> 'exclusive')::boolean THEN
    SELECT t.session INTO other FROM sessions t WHERE t.status = 'active' AND t.project = s ->> 'project' AND t.id <> sid
      AND t.workspace IS NOT DISTINCT FROM s ->> 'workspace' AND t.agent IS NOT DISTINCT FROM s ->> 'agent' ORDER BY t.id DESC LIMIT 1;
    IF FOUND THEN RAISE EXCEPTION USING ERRCODE = 'SW423', MESSAGE = other; END IF;
  END IF;
  INSERT INTO events (session, sequence, id, body)
    SELECT sid, (e.v ->> 'sequence')::int, e.v ->> 'id', _bodies[1 + e.o] FROM jsonb_array_elements(_meta -> 'events') WITH ORDINALITY AS e(v, o);
  k := s -> 'key';
  IF k IS NOT NULL THEN
    INSERT INTO keys (session, event, sequence, digest) VALUES (sid, k ->> 'event', (k ->> 'sequence')::int, k ->> 'digest');
  END IF;
  IF _meta ? 'messages' THEN
    INSERT INTO messages (session, sequence, event, project, role, at, stored_at, content)
      SELECT sid, x.sequence, x.event, s ->> 'project', x.role, to_timestamp(x.at / 1000.0), x.time, _bodies[x.o]::jsonb #>> '{}'
      FROM jsonb_to_recordset(_meta -> 'messages') AS x(sequence int, event text, role text, at numeric, time bigint, o int);
  END IF;
  RETURN false;
END $$;

-- Lanes that are not there yet are opened in the order of their names, and all heads locked in the order of their numbers.
-- Each lane is looked up by itself: a plan that joins would read all heads in their order.
CREATE FUNCTION @.open_1(_lanes jsonb) RETURNS TABLE (o int, lane bigint, through int, fits boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE os int[]; ids bigint[]; froms int[]; missing boolean;
BEGIN
  FOR look IN 1 .. 2 LOOP
    SELECT array_agg(x.o), array_agg(l.id), array_agg(x."from"), bool_or(l.id IS NULL) INTO os, ids, froms, missing
      FROM jsonb_to_recordset(_lanes) AS x(o int, adapter smallint, lane text, "from" int)
        LEFT JOIN LATERAL (SELECT y.id FROM lanes y WHERE y.lane = x.lane AND y.adapter = x.adapter LIMIT 1) l ON true;
    EXIT WHEN NOT missing;
    WITH made AS (
      INSERT INTO lanes (adapter, lane, target, refs, mirrors)
        SELECT DISTINCT ON (x.lane, x.adapter) x.adapter, x.lane, coalesce(x.target, ''), coalesce(x.refs, '{}'),
          EXISTS (SELECT 1 FROM sessions s WHERE s.session = x.lane)
        FROM jsonb_to_recordset(_lanes) AS x(adapter smallint, lane text, target text, refs jsonb)
        ORDER BY x.lane, x.adapter ON CONFLICT (lane, adapter) DO NOTHING RETURNING id, adapter, target, mirrors),
    counted AS (
      INSERT INTO tallies (adapter, target, state, count) SELECT m.adapter, m.target, s.state, count(*) FROM made m
        CROSS JOIN LATERAL (SELECT 100 UNION ALL SELECT 101 WHERE m.mirrors) s(state) GROUP BY 1, 2, 3)
    INSERT INTO heads (lane, adapter, target) SELECT m.id, m.adapter, m.target FROM made m;
  END LOOP;
  RETURN QUERY SELECT x.o, h.lane, h.through, h.through = coalesce(x."from", h.through)
    FROM (SELECT y.lane, y.through FROM heads y WHERE y.lane = ANY (ids) ORDER BY y.lane FOR NO KEY UPDATE) h
      JOIN unnest(os, ids, froms) AS x(o, id, "from") ON x.id = h.lane;
END $$;

CREATE FUNCTION @.commit_1(_member text, _now text, _given text, _lines text)
RETURNS TABLE (key text, state smallint, "position" bigint, replaced text[]) LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE
  n bigint := coalesce(_now::bigint, ms());
  meta jsonb := _given::jsonb;
  texts text[] := string_to_array(_lines, E'\\n');
  ids bigint[]; froms int[]; tos int[]; counts int[]; plains boolean[]; lims text[]; missing boolean;
  fitting int; ats bigint[]; adapters smallint[]; targets text[]; slow bigint[]; d record;
BEGIN
  IF record_1(_member::uuid, meta, texts) IS NULL THEN
    RETURN QUERY SELECT t.key, t.state, t.position, '{}'::text[]
      FROM jsonb_to_recordset(meta -> 'deliveries') AS x(key text, b int) JOIN deliveries t ON t.key = x.key ORDER BY x.b;
    RETURN;
  END IF;
  IF jsonb_array_length(meta -> 'lanes') = 0 THEN RETURN; END IF;
  -- Each lane is looked up by itself: a plan that joins would read all heads in their order.
  SELECT array_agg(l.id), array_agg(x."from"), array_agg(x."to"), array_agg(x.count), array_agg(x.plain), array_agg(x.lim), bool_or(l.id IS NULL)
    INTO ids, froms, tos, counts, plains, lims, missing
    FROM jsonb_to_recordset(meta -> 'lanes') AS x(adapter smallint, lane text, "from" int, "to" int, count int, plain boolean, lim text)
      LEFT JOIN LATERAL (SELECT y.id FROM lanes y WHERE y.lane = x.lane AND y.adapter = x.adapter LIMIT 1) l ON true;
  IF missing THEN SELECT array_agg(x.lane ORDER BY x.o) INTO ids FROM open_1(meta -> 'lanes') x; END IF;

  -- Heads are written in the order of their numbers. The first to find its lane empty is its head. When its lane was served
  -- says nothing here: a time ahead of now was written before the clock was set back, and must hold back nothing.
  WITH p AS (SELECT x.* FROM unnest(ids, froms, tos, counts, plains, lims) WITH ORDINALITY AS x(lane, "from", "to", count, plain, lim, o) ORDER BY x.lane),
    q AS (UPDATE heads h SET through = coalesce(p."to", h.through), next = h.next + CASE WHEN p.plain THEN p.count ELSE 0 END,
        kind = CASE WHEN p.plain AND p.count > 0 AND h.walk = h.next THEN CASE WHEN h.still THEN NULL ELSE 1 END ELSE h.kind END,
        due = CASE WHEN p.plain AND p.count > 0 AND h.walk = h.next THEN n ELSE h.due END,
        ready = CASE WHEN p.plain AND p.count > 0 AND h.walk = h.next THEN n ELSE h.ready END,
        planned = CASE WHEN p.plain AND p.count > 0 AND h.walk = h.next THEN n ELSE h.planned END,
        lim = CASE WHEN p.plain AND p.count > 0 AND h.walk = h.next THEN coalesce(p.lim, '') ELSE h.lim END
      FROM p WHERE h.lane = p.lane AND h.through = coalesce(p."from", h.through)
      RETURNING p.o, h.adapter, h.target, h.next - CASE WHEN p.plain THEN p.count ELSE 0 END AS at)
    SELECT count(*), array_agg(q.at ORDER BY q.o), array_agg(q.adapter ORDER BY q.o), array_agg(q.target ORDER BY q.o)
      INTO fitting, ats, adapters, targets FROM q;
  IF fitting < cardinality(ids) THEN RAISE EXCEPTION USING ERRCODE = 'SW409', MESSAGE = 'A lane was planned further'; END IF;

  -- Plain ones go to the end of their lanes, all in one statement.
  PERFORM set_config('sessionwire.counted', 'on', true);
  RETURN QUERY WITH
    x AS (SELECT ids[y.l + 1] AS lane, ats[y.l + 1] + y.nth AS position, y.* FROM jsonb_to_recordset(meta -> 'deliveries')
        AS y(l int, nth int, key text, action text, holds boolean, again smallint, reads smallint, leads boolean, sequence int, lim text, needs jsonb, captures jsonb, b int)
      WHERE plains[y.l + 1]),
    i AS (INSERT INTO deliveries (lane, position, rank, key, state, via, holds, again, reads, leads, sequence, planned_at, due_at, action, lim, needs, body)
      SELECT x.lane, x.position, x.position, x.key, 1, 0, coalesce(x.holds, false), x.again, coalesce(x.reads, 0), coalesce(x.leads, false),
        x.sequence, n, n, x.action, x.lim, x.needs, texts[x.b] FROM x),
    t AS (INSERT INTO tallies (adapter, target, state, count)
      SELECT q.adapter, q.target, 1, sum(q.count) FROM unnest(adapters, targets, counts, plains) AS q(adapter, target, count, plain)
        WHERE q.plain AND q.count > 0 GROUP BY 1, 2),
    c AS (INSERT INTO captures (lane, name, position) SELECT x.lane, c.name, x.position FROM x, jsonb_array_elements_text(x.captures) AS c(name) WHERE x.captures IS NOT NULL)
    SELECT x.key, 1::smallint, x.position, '{}'::text[] FROM x;
  PERFORM set_config('sessionwire.counted', 'off', true);
  IF NOT meta ? 'slow' THEN RETURN; END IF;
  SELECT array_agg(x.lane) INTO slow FROM unnest(ids, counts, plains) AS x(lane, count, plain) WHERE NOT x.plain AND x.count > 0;
  FOR d IN SELECT e.v, ids[(e.v ->> 'l')::int + 1] AS lane, texts[(e.v ->> 'b')::int] AS body FROM jsonb_array_elements(meta -> 'deliveries') AS e(v)
      WHERE NOT plains[(e.v ->> 'l')::int + 1] ORDER BY (e.v ->> 'b')::int LOOP
    SELECT x.* INTO key, state, "position", replaced FROM place_1(d.lane, n, d.v, d.body) x;
    RETURN NEXT;
  END LOOP;
  PERFORM walk_1(slow, true, NULL);
END $$;

-- One that takes the place of others of its name, or that does not wait to be sent: \`place\` of core.
CREATE FUNCTION @.place_1(_lane bigint, _now bigint, _d jsonb, _body text, OUT key text, OUT state smallint, OUT "position" bigint, OUT replaced text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  my_key text := _d ->> 'key'; my_state smallint := (_d ->> 'state')::smallint; my_rank bigint; pos bigint; wait bigint := _now;
  stand bigint[]; freed bigint[] := '{}'; first bigint; gone text[] := '{}';
  called text := CASE WHEN (_d ->> 'keep')::boolean THEN NULL ELSE _d ->> 'name' END;
BEGIN
  UPDATE heads h SET next = h.next + 1 WHERE h.lane = _lane RETURNING h.next - 1 INTO my_rank;
  pos := my_rank;
  IF called IS NOT NULL THEN
    SELECT array_agg(y::bigint) INTO stand FROM lanes l, jsonb_array_elements_text(l.names -> called) y WHERE l.id = _lane;
    IF (_d ->> 'last')::boolean AND stand IS NOT NULL THEN
      SELECT array_agg(x.position) INTO stand FROM (SELECT t.position FROM deliveries t WHERE t.lane = _lane AND t.state < 5
        ORDER BY t.position DESC LIMIT 1) x WHERE x.position = ANY (stand);
    END IF;
    SELECT array_agg(t.position ORDER BY t.position), array_agg(t.key ORDER BY t.position), min(t.position) INTO freed, gone, first
      FROM deliveries t WHERE t.lane = _lane AND t.position = ANY (stand)
        AND (t.state = 0 OR (_d ->> 'via')::int <> 1 AND t.state = 1 AND t.doubt_since IS NULL
          AND NOT (t.exposed AND (t.attempts = 0 OR t.due_at > _now)));
    IF first IS NOT NULL THEN
      -- With nothing open behind it, the end of the lane is the same place, and the old one keeps its number.
      IF EXISTS (SELECT 1 FROM deliveries t WHERE t.lane = _lane AND t.position > first AND t.state < 5 AND NOT t.position = ANY (freed))
          AND NOT EXISTS (SELECT 1 FROM captures c JOIN deliveries t ON t.lane = c.lane AND t.position = c.position WHERE c.lane = _lane
            AND c.value IS NULL AND c.position > first AND t.state < 5 AND NOT t.position = ANY (freed) AND _d -> 'needs' ? c.name)
          -- A lane has one call on its way: one in front of what a worker holds would leave at the same time.
          AND NOT ((_d ->> 'via')::int <> 1 AND EXISTS (SELECT 1 FROM (SELECT h.walk AS position FROM heads h WHERE h.lane = _lane
              UNION ALL SELECT s.position FROM strays s WHERE s.lane = _lane) x JOIN deliveries t ON t.lane = _lane AND t.position = x.position
            WHERE x.position > first AND t.token IS NOT NULL)) THEN
        pos := first;
      END IF;
      SELECT t.due_at INTO wait FROM deliveries t WHERE t.lane = _lane AND t.position = first
        AND t.attempts > 0 AND t.due_at > _now AND t.due_at <= _now + 86400000;
      wait := coalesce(wait, _now);
      DELETE FROM captures c WHERE c.lane = _lane AND c.position = ANY (freed);
      UPDATE deliveries t SET position = CASE WHEN t.position = pos THEN my_rank ELSE t.position END, state = 6, successor = my_key,
          settled_at = _now, body = NULL, attention = false, token = NULL, lease_until = NULL, owner = NULL
        WHERE t.lane = _lane AND t.position = ANY (freed);
    ELSE
      freed := '{}'; gone := '{}';
    END IF;
  END IF;
  INSERT INTO deliveries (lane, position, rank, key, state, via, holds, attention, again, reads, leads, keep, sequence, planned_at, due_at, action, name, every_ms, lim, needs, reason, body)
    VALUES (_lane, pos, my_rank, my_key, my_state, (_d ->> 'via')::smallint, coalesce((_d ->> 'holds')::boolean, false), my_state IN (0, 4), (_d ->> 'again')::smallint,
      coalesce((_d ->> 'reads')::smallint, 0), coalesce((_d ->> 'leads')::boolean, false), coalesce((_d ->> 'keep')::boolean, false), (_d ->> 'sequence')::int, _now, wait,
      _d ->> 'action', _d ->> 'name', (_d ->> 'every_ms')::bigint, _d ->> 'lim', _d -> 'needs', _d ->> 'reason', nullif(_body, ''));
  IF _d ? 'captures' THEN
    INSERT INTO captures (lane, name, position) SELECT _lane, c, pos FROM jsonb_array_elements_text(_d -> 'captures') AS c ON CONFLICT DO NOTHING;
  END IF;
  IF called IS NOT NULL THEN
    UPDATE lanes l SET names = l.names || jsonb_build_object(called, to_jsonb(ARRAY(
        SELECT y::bigint FROM jsonb_array_elements_text(coalesce(l.names -> called, '[]')) y WHERE NOT y::bigint = ANY (freed) UNION SELECT pos ORDER BY 1)))
      WHERE l.id = _lane;
  END IF;
  key := my_key; state := my_state; "position" := pos; replaced := gone;
END $$;
`
