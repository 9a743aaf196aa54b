import { SETTINGS } from './walk.ts'

/**
 * The functions that begin and end attempts. Settlements are written one after the other, since each may depend on the one before;
 * the heads of all their lanes are locked first and in order, so that the walk sees whatever was committed meanwhile.
 */
export const SETTLE = `
CREATE FUNCTION @.begin_1(_now text, _starts text) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE n bigint := coalesce(_now::bigint, ms()); done text[];
BEGIN
  WITH u AS (UPDATE deliveries d SET state = 3, doubt_since = NULL, attention = false
    FROM jsonb_to_recordset(_starts::jsonb) AS x(key text, token text)
    WHERE d.key = x.key AND d.token = x.token AND d.state IN (2, 3) AND d.lease_until > n RETURNING d.key)
  SELECT array_agg(u.key) INTO done FROM u;
  RETURN (SELECT coalesce(jsonb_agg(coalesce(x.key = ANY (done) AND d.token = x.token, false) ORDER BY x.o), '[]')::text
    FROM ROWS FROM (jsonb_to_recordset(_starts::jsonb) AS (key text, token text)) WITH ORDINALITY AS x(key, token, o)
      LEFT JOIN deliveries d ON d.key = x.key);
END $$;

-- One statement writes them all, unless one waits for a delivery that another of them may settle, or a key is there twice.
CREATE FUNCTION @.settle_all_1(n bigint, _settlements jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  s record; i int; freed boolean := false; answers boolean[]; os int[]; lanes_ bigint[]; states_ smallint[]; more jsonb;
  written bigint[] := '{}'; states smallint[] := '{}'; together boolean; certain boolean; said text;
BEGIN
  SELECT count(*) = count(DISTINCT y.key) AND bool_and(y.waits_for IS NULL), bool_and(y.doubt IS NULL AND y.doubt_since IS NULL)
    INTO together, certain FROM (
      SELECT x.key, x.doubt, x.waits_for, d.doubt_since FROM jsonb_to_recordset(_settlements) AS x(key text, doubt bigint, waits_for text)
        JOIN deliveries d ON d.key = x.key JOIN heads h ON h.lane = d.lane ORDER BY h.lane FOR NO KEY UPDATE OF h) y;
  -- Where nothing is or was in doubt, each row that is written moves one count.
  IF certain THEN said := set_config('sessionwire.counted', 'on', true); END IF;
  answers := array_fill(false, ARRAY[jsonb_array_length(_settlements)]);
  FOR part IN 1 .. CASE WHEN together THEN 1 ELSE jsonb_array_length(_settlements) END LOOP
    -- What it waits for was freed since: it waits no more.
    IF NOT together THEN
      freed := EXISTS (SELECT 1 FROM deliveries y WHERE y.key = _settlements -> (part - 1) ->> 'waits_for' AND y.state IN (1, 2, 3, 5));
    END IF;
    WITH u AS (
      UPDATE deliveries d SET state = CASE WHEN freed THEN 1 ELSE x.state END, attempts = x.attempts, due_at = x.due, misses = x.misses,
          unreported = CASE WHEN x.attempts < d.attempts THEN d.unreported ELSE 0 END, exposed = d.exposed OR coalesce(x.exposed, false),
          doubt_since = x.doubt, reason = CASE WHEN freed THEN NULL ELSE x.reason END, rejected = x.rejected,
          waits_for = CASE WHEN freed THEN NULL ELSE x.waits_for END, settled_at = CASE WHEN x.state = 5 AND NOT freed THEN n ELSE d.settled_at END,
          attention = x.state = 4 AND NOT freed OR x.doubt IS NOT NULL, token = NULL, lease_until = NULL, owner = NULL
        FROM ROWS FROM (jsonb_to_recordset(CASE WHEN together THEN _settlements ELSE jsonb_build_array(_settlements -> (part - 1)) END)
            AS (key text, token text, state smallint, attempts int, due bigint, misses int, exposed boolean,
              doubt bigint, reason text, rejected text, waits_for text, captures jsonb, gone text))
            WITH ORDINALITY AS x(key, token, state, attempts, due, misses, exposed, doubt, reason, rejected, waits_for, captures, gone, o)
        WHERE d.key = x.key AND d.token = x.token AND d.state IN (2, 3)
        RETURNING x.o, d.lane, d.position, d.rank, d.name, d.key, d.state, x.captures, x.gone)
    SELECT array_agg(u.o), array_agg(u.lane), array_agg(u.state), jsonb_agg(to_jsonb(u) ORDER BY u.o)
        FILTER (WHERE u.gone IS NOT NULL OR u.state = 5 AND (u.name IS NOT NULL OR u.captures <> '{}'))
      INTO os, lanes_, states_, more FROM u;
    CONTINUE WHEN os IS NULL;
    FOREACH i IN ARRAY os LOOP answers[CASE WHEN together THEN i ELSE part END] := true; END LOOP;
    written := written || lanes_; states := states || states_;
    CONTINUE WHEN more IS NULL;
    FOR s IN SELECT * FROM jsonb_to_recordset(more) AS x(lane bigint, "position" bigint, rank bigint, name text, key text, state smallint, captures jsonb, gone text) LOOP
      IF s.gone IS NOT NULL THEN PERFORM stop_1(s.lane, s.gone); END IF;
      IF s.state = 5 AND (s.name IS NOT NULL OR s.captures <> '{}') THEN
        PERFORM deliver_1(s.lane, s.position, s.rank, s.key, s.name, coalesce(s.captures, '{}'), n);
      END IF;
    END LOOP;
  END LOOP;
  IF certain THEN
    said := set_config('sessionwire.counted', 'off', true);
    INSERT INTO tallies (adapter, target, state, count)
      SELECT h.adapter, h.target, c.state, sum(c.count) FROM unnest(written, states) AS u(lane, state) JOIN heads h ON h.lane = u.lane
        CROSS JOIN LATERAL (VALUES (u.state, 1), (1::smallint, -1)) AS c(state, count) WHERE u.state <> 1 GROUP BY 1, 2, 3;
  END IF;
  IF written <> '{}' THEN
    DELETE FROM strays t USING deliveries d WHERE t.lane = ANY (written) AND d.lane = t.lane AND d.position = t.position AND d.token IS NULL;
    PERFORM walk_1(written, false, n);
  END IF;
  RETURN to_jsonb(answers);
END $$;

-- A person deleted the card: the lane stands still.
CREATE FUNCTION @.stop_1(_lane bigint, _gone text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tallies (adapter, target, state, count) SELECT l.adapter, l.target, 102, 1 FROM lanes l WHERE l.id = _lane AND l.gone IS NULL;
  UPDATE lanes SET gone = _gone WHERE id = _lane;
  UPDATE heads SET still = true WHERE lane = _lane;
END $$;

-- What a delivered one means for its lane: the first value of a capture stays, and its coalesce name remembers it.
CREATE FUNCTION @.deliver_1(_lane bigint, _position bigint, _rank bigint, _key text, _name text, _captures jsonb, _now bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF _captures <> '{}' THEN
    INSERT INTO captures AS t (lane, name, position, value)
      SELECT _lane, c.key, _position, c.value::text FROM jsonb_each(_captures) c, lanes l WHERE l.id = _lane AND NOT l.refs ? c.key
        AND NOT EXISTS (SELECT 1 FROM captures k WHERE k.lane = _lane AND k.name = c.key AND k.value IS NOT NULL)
      ON CONFLICT (lane, name, position) DO UPDATE SET value = excluded.value;
  END IF;
  IF _name IS NOT NULL THEN
    UPDATE lanes l SET
        sent = l.sent || jsonb_build_object(_name, CASE WHEN (l.sent -> _name ->> 'rank')::bigint > _rank
          THEN (l.sent -> _name) || jsonb_build_object('at', _now) ELSE jsonb_build_object('at', _now, 'rank', _rank, 'key', _key) END),
        names = CASE WHEN l.names -> _name @> to_jsonb(_position) THEN l.names || jsonb_build_object(_name, (SELECT coalesce(jsonb_agg(v), '[]')
          FROM jsonb_array_elements(l.names -> _name) v WHERE v <> to_jsonb(_position))) ELSE l.names END
      WHERE l.id = _lane;
  END IF;
END $$;

-- What is captured in a lane, and who would capture what is not captured yet.
CREATE FUNCTION @.captured_1(_lane bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$ BEGIN
  RETURN (SELECT json_object_agg(c.name, c.value::json) FROM captures c WHERE c.lane = _lane AND c.value IS NOT NULL);
END $$;
CREATE FUNCTION @.owed_1(_lane bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$ BEGIN
  RETURN (SELECT json_agg(json_build_object('name', c.name, 'key', o.key, 'state', o.state) ORDER BY c.position)
    FROM captures c JOIN deliveries o ON o.lane = c.lane AND o.position = c.position WHERE c.lane = _lane AND c.value IS NULL AND o.state IN (0, 4));
END $$;

CREATE FUNCTION @.settle_1(_now text, _settlements text) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
BEGIN
  RETURN settle_all_1(coalesce(_now::bigint, ms()), _settlements::jsonb)::text;
END $$;

CREATE FUNCTION @.beat_1(_member text, _silent text, _host text, _library text) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE seen bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO members AS m (id, seen_at, silent_ms, host, library) VALUES (_member::uuid, ms(), _silent::bigint, _host, _library)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at WHERE m.ended IS NULL RETURNING m.seen_at INTO seen;
  PERFORM fold_1();
  RETURN json_build_object('now', ms(), 'seen', seen)::text;
END $$;
`
