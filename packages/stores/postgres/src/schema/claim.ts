import { SETTINGS } from './walk.ts'

const CLAIMED = `d.lane, l.lane AS lane_name, d.key, d.position, d.rank, d.action, d.via, d.state, d.sequence, d.holds, d.attempts, d.misses, d.unreported,
  d.planned_at, d.first_at, d.clock_at, d.paused_before, d.due_at, d.exposed, d.rejected, d.doubt_since, d.token, d.lease_until, d.owner, d.settled_at,
  d.reason, d.successor, d.waits_for, d.lim`

/** The fields of a claim about the lane: captures, and who would capture what is not captured yet. */
const KNOWN = `l.refs,
  (SELECT json_object_agg(c.name, c.value::json) FROM captures c WHERE c.lane = d.lane AND c.value IS NOT NULL) AS captured,
  (SELECT json_agg(json_build_object('name', c.name, 'key', o.key, 'state', o.state) ORDER BY c.position) FROM captures c
    JOIN deliveries o ON o.lane = c.lane AND o.position = c.position WHERE c.lane = d.lane AND c.value IS NULL AND o.state IN (0, 4)) AS owed`

/**
 * Giving heads whose turn it is. One claim of an adapter at a time takes its gate, so that concurrency and rates hold over
 * all workers; heads are taken by SKIP LOCKED, so that a claim never waits for one. It writes nothing, and so costs no
 * flush, where there is nothing to give.
 */
export const CLAIM = `
-- How long the adapter and one of its limits were paused so far, and until when they are.
CREATE FUNCTION @.rest_1(_adapter smallint, _lim text, n bigint, OUT until bigint, OUT forever boolean, OUT ms bigint) LANGUAGE plpgsql AS $$
BEGIN
  SELECT max(CASE WHEN x.holds THEN x.until END), coalesce(bool_or(x.holds AND x.until IS NULL), false),
      coalesce(sum(x.rested + CASE WHEN x.since IS NULL THEN 0 ELSE greatest(0, least(coalesce(x.until, n), n) - x.since) END), 0)
    INTO until, forever, ms FROM (
      SELECT g.rested, (g.pause ->> 'since')::bigint AS since, (g.pause ->> 'until')::bigint AS until,
        g.pause IS NOT NULL AND ((g.pause ->> 'until') IS NULL OR (g.pause ->> 'until')::bigint > n AND (g.pause ->> 'since')::bigint <= n + 86400000) AS holds
      FROM gates g WHERE g.adapter = _adapter AND (g.lim = '' OR g.lim = _lim)) x;
  ms := ms + coalesce((SELECT max(greatest(0, least(coalesce((d.pause ->> 'until')::bigint, n), n) - (d.pause ->> 'since')::bigint)) FROM denials d WHERE d.adapter = _adapter), 0);
END $$;

CREATE FUNCTION @.held_1(_adapter smallint) RETURNS TABLE (lane bigint, "position" bigint, key text, state smallint, again smallint, owner text, lease bigint) LANGUAGE sql STABLE AS $$
  SELECT d.lane, d.position, d.key, d.state, d.again, d.owner, d.lease_until FROM (
      SELECT h.lane, h.walk AS position FROM @.heads h WHERE h.adapter = _adapter AND h.kind = 3
      UNION SELECT s.lane, s.position FROM @.strays s JOIN @.lanes l ON l.id = s.lane WHERE l.adapter = _adapter) x
    JOIN @.deliveries d ON d.lane = x.lane AND d.position = x.position WHERE d.token IS NOT NULL AND d.state IN (2, 3)
$$;

-- Frees what is over, as \`expire\` of core says: the lease ran out, its owner is gone or silent, or the worker that asks knows nothing of it.
CREATE FUNCTION @.expire_1(_adapter smallint, _mine text, n bigint, _request jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE ids bigint[]; most_ int := (_request ->> 'unreportedMax')::int; after_ bigint := (_request ->> 'afterMs')::bigint; found_ record;
BEGIN
  SELECT array_agg(x.lane) AS lanes INTO found_ FROM held_1(_adapter) x WHERE is_over_1(x.owner, x.state, x.again, x.lease, x.key, _mine, n, _request);
  IF found_.lanes IS NULL THEN RETURN false; END IF;
  SELECT array_agg(x.lane) INTO ids FROM (SELECT h.lane FROM heads h WHERE h.lane = ANY (found_.lanes) ORDER BY h.lane FOR UPDATE SKIP LOCKED) x;
  IF ids IS NULL THEN RETURN false; END IF;
  WITH over_ AS (
      SELECT x.lane, x.position, CASE WHEN x.lease <= n THEN x.lease ELSE n END AS at FROM held_1(_adapter) x
        WHERE x.lane = ANY (ids) AND is_over_1(x.owner, x.state, x.again, x.lease, x.key, _mine, n, _request)),
    gone AS (DELETE FROM strays s USING over_ WHERE s.lane = over_.lane AND s.position = over_.position)
  UPDATE deliveries d SET token = NULL, lease_until = NULL, owner = NULL,
      unreported = d.unreported + e.sent::int, exposed = d.exposed OR e.sent,
      state = CASE WHEN e.sent AND (e.most OR d.again = 0) THEN 4 ELSE 1 END,
      attention = f.doubt IS NOT NULL OR e.sent AND (e.most OR d.again = 0),
      doubt_since = f.doubt,
      due_at = CASE WHEN NOT e.sent OR NOT e.most AND d.again = 2 THEN u.at WHEN NOT e.most AND d.again IN (1, 3) THEN u.at + after_ ELSE d.due_at END,
      reason = CASE WHEN NOT e.sent THEN d.reason WHEN e.most THEN d.unreported + 1 || ' attempts in a row never reported'
        WHEN d.again = 0 THEN 'perhaps sent when its worker stopped' ELSE d.reason END
    FROM over_ u JOIN deliveries o ON o.lane = u.lane AND o.position = u.position
      CROSS JOIN LATERAL (SELECT NOT (o.state = 2 AND o.again <> 1) AS sent, o.unreported + 1 >= most_ AS most) e
      CROSS JOIN LATERAL (SELECT CASE WHEN NOT e.sent OR NOT e.most AND o.again IN (1, 3) THEN o.doubt_since
        ELSE greatest(coalesce(o.doubt_since, u.at), u.at) END AS doubt) f
    WHERE d.lane = u.lane AND d.position = u.position;
  PERFORM walk_1(ids, true, NULL);
  RETURN true;
END $$;

CREATE FUNCTION @.is_over_1(_owner text, _state smallint, _again smallint, _lease bigint, _key text, _mine text, n bigint, _request jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE m record;
BEGIN
  IF _request -> 'holding' ? _key THEN RETURN false; END IF;
  IF _lease <= n OR _lease > n + 86400000 OR _owner = _mine THEN RETURN true; END IF;
  IF split_part(_owner, '/', 1) = split_part(_mine, '/', 1) THEN RETURN false; END IF;
  SELECT x.ended, x.seen_at < ms() - x.silent_ms AS silent INTO m FROM members x WHERE x.id = split_part(_owner, '/', 1)::uuid;
  IF NOT FOUND THEN RETURN _state = 2 AND _again <> 1; END IF;
  RETURN m.ended IS NOT NULL OR m.silent AND _state = 2 AND _again <> 1;
END $$;

CREATE FUNCTION @.claim_1(_member text, _worker text, _now text, _given text, _settlements text)
RETURNS TABLE (r text, body text) LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE
  n bigint := coalesce(_now::bigint, ms());
  request jsonb := _given::jsonb;
  mine text := _member || coalesce('/' || _worker, '');
  hurry boolean := coalesce((request ->> 'hurry')::boolean, false);
  later bigint; settled jsonb; other int := 0; under int; others_ int;
  a record; g record; c record; rest record; w record; locked record; blocking bigint; until_ bigint;
  lanes_ bigint[]; dues bigint[]; lims text[]; chosen bigint[]; left_ bigint; windows_ jsonb; known jsonb; ended text[]; rate jsonb; low bigint; lows jsonb := '{}'; which text;
BEGIN
  IF _settlements IS NOT NULL THEN
    settled := settle_all_1(n, _settlements::jsonb);
  ELSIF NOT coalesce((request ->> 'begins')::boolean, false) THEN
    -- A claim that is lost with the server harms nothing: begin and settle will not know its token.
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  FOR a IN SELECT * FROM jsonb_to_recordset(request -> 'adapters') AS x(id smallint, target text, room bigint, concurrency bigint, rates jsonb, begins boolean) ORDER BY x.id LOOP
    PERFORM expire_1(a.id, mine, n, request);
    SELECT l.id INTO blocking FROM lanes l WHERE l.lane = 'init' AND l.adapter = a.id AND l.target IN ('', a.target)
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state IN (1, 2, 3, 4));
    low := coalesce((request -> 'low' ->> a.id::text)::bigint, -1);
    FOR look IN 1 .. 2 LOOP
      lanes_ := '{}'; dues := '{}'; lims := '{}'; chosen := '{}'; windows_ := '{}'; ended := '{}';
      SELECT count(*), count(*) FILTER (WHERE x.owner <> mine), min(x.lease) INTO under, others_, until_ FROM held_1(a.id) x;
      later := least(later, until_);
      left_ := least(a.room, a.concurrency - under);
      FOR g IN
        WITH RECURSIVE kinds(kind, target) AS (SELECT k.kind, t.target FROM (VALUES (1::smallint), (2::smallint)) k(kind),
            (SELECT '' UNION SELECT a.target) t(target) WHERE blocking IS NULL),
          named(kind, target, lim) AS (
            SELECT k.kind, k.target, (SELECT min(h.lim) FROM heads h WHERE h.adapter = a.id AND h.kind = k.kind AND h.kind IN (1, 2, 4) AND h.target = k.target AND h.lim > '') FROM kinds k
            UNION ALL SELECT x.kind, x.target, (SELECT min(h.lim) FROM heads h WHERE h.adapter = a.id AND h.kind = x.kind AND h.kind IN (1, 2, 4) AND h.target = x.target AND h.lim > x.lim)
              FROM named x WHERE x.lim IS NOT NULL)
        SELECT x.kind, x.target, x.lim FROM named x WHERE x.lim IS NOT NULL UNION ALL SELECT k.kind, k.target, '' FROM kinds k
        UNION ALL SELECT h.kind, h.target, h.lim FROM heads h WHERE h.lane = blocking AND h.kind IN (1, 2)
      LOOP
        -- The plan is made for any kind: without the list of kinds it could not use the index, which has no others.
        -- What is due of this kind, target and limit. Further away than a day was written before the clock was set back.
        FOR c IN
          (SELECT h.lane, h.due FROM heads h WHERE h.adapter = a.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
            AND h.due >= low AND h.due <= n AND (blocking IS NULL OR h.lane = blocking) ORDER BY h.due, h.lane LIMIT greatest(1, a.room))
          UNION ALL (SELECT h.lane, h.due FROM heads h WHERE h.adapter = a.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
            AND h.due > n + 86400000 AND (blocking IS NULL OR h.lane = blocking) ORDER BY h.due, h.lane LIMIT greatest(1, a.room))
          UNION ALL (SELECT h.lane, h.due FROM heads h WHERE hurry AND g.kind = 2 AND h.adapter = a.id AND h.kind = 2 AND h.target = g.target AND h.lim = g.lim
            AND h.due > n AND h.due <= n + 86400000 AND (h.ready <= n OR h.ready > n + 86400000) AND (blocking IS NULL OR h.lane = blocking) ORDER BY h.due, h.lane)
        LOOP
          lanes_ := lanes_ || c.lane; dues := dues || c.due; lims := lims || g.lim;
        END LOOP;
        IF hurry AND g.kind = 2 THEN
          SELECT min(h.ready) INTO until_ FROM heads h WHERE h.adapter = a.id AND h.kind = 2 AND h.target = g.target AND h.lim = g.lim
            AND h.due > n AND h.ready > n AND h.ready <= n + 86400000 AND (blocking IS NULL OR h.lane = blocking);
        ELSE
          SELECT min(h.due) INTO until_ FROM heads h WHERE h.adapter = a.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
            AND h.due > n AND h.due <= n + 86400000 AND (blocking IS NULL OR h.lane = blocking);
        END IF;
        rest := rest_1(a.id, g.lim, n);
        IF rest.forever OR rest.until IS NOT NULL THEN
          IF NOT rest.forever THEN
            IF g.lim = ANY (lims) THEN later := least(later, greatest(n, rest.until)); END IF;
            IF until_ IS NOT NULL THEN later := least(later, greatest(until_, rest.until)); END IF;
          END IF;
          SELECT coalesce(array_agg(x.lane), '{}'), coalesce(array_agg(x.due), '{}'), coalesce(array_agg(x.lim), '{}') INTO lanes_, dues, lims
            FROM unnest(lanes_, dues, lims) AS x(lane, due, lim) WHERE x.lim <> g.lim;
        ELSE
          later := least(later, until_);
        END IF;
      END LOOP;
      EXIT WHEN lanes_ = '{}' OR left_ <= 0;
      -- One claim of this adapter at a time: all is looked at again under its gate.
      EXIT WHEN look = 2;
      PERFORM 1 FROM gates t WHERE t.adapter = a.id AND t.lim = '' FOR NO KEY UPDATE;
      IF NOT FOUND THEN INSERT INTO gates AS t (adapter, lim) VALUES (a.id, '') ON CONFLICT (adapter, lim) DO UPDATE SET lim = excluded.lim; END IF;
      -- The worker that had the gate meanwhile counted later calls.
      IF _now IS NULL THEN n := ms(); END IF;
    END LOOP;
    other := other + others_;
    IF left_ > 0 THEN
      FOR c IN SELECT x.lane, x.due, x.lim FROM unnest(lanes_, dues, lims) AS x(lane, due, lim) ORDER BY x.due, x.lane LOOP
        EXIT WHEN left_ <= 0;
        rate := CASE WHEN c.lim = '' THEN NULL ELSE coalesce(a.rates -> c.lim, a.rates -> (split_part(c.lim, ':', 1) || ':*')) END;
        IF rate IS NOT NULL THEN
          IF NOT windows_ ? c.lim THEN
            SELECT coalesce((SELECT t.windows FROM gates t WHERE t.adapter = a.id AND t.lim = c.lim FOR NO KEY UPDATE), '[]') INTO known;
            windows_ := windows_ || jsonb_build_object(c.lim, close_calls_1(known, NULL, n));
            IF windows_ -> c.lim <> known THEN ended := ended || c.lim; END IF;
          END IF;
          SELECT * INTO w FROM room_1(windows_ -> c.lim, (rate ->> 'count')::bigint, (rate ->> 'perMs')::bigint, n);
          IF w.room <= 0 THEN
            later := least(later, coalesce(w.free_at, n));
            windows_ := windows_ || jsonb_build_object(c.lim, w.windows);
            CONTINUE;
          END IF;
        END IF;
        SELECT h.walk, h.served INTO locked FROM heads h WHERE h.lane = c.lane AND h.kind IN (1, 2) AND h.due = c.due AND h.lim = c.lim FOR UPDATE SKIP LOCKED;
        -- Another transaction has the lane at this moment: it is asked again soon.
        IF NOT FOUND THEN later := least(later, n + 20); CONTINUE; END IF;
        IF rate IS NOT NULL THEN
          -- Its rank tells the delivery from one that takes its position later.
          SELECT c.lane || '.' || d.position || '.' || d.rank INTO which FROM deliveries d WHERE d.lane = c.lane AND d.position = locked.walk;
          windows_ := windows_ || jsonb_build_object(c.lim, open_call_1(w.windows, jsonb_build_array(which, greatest(n, locked.served + 1))));
        END IF;
        chosen := chosen || c.lane; left_ := left_ - 1;
      END LOOP;
      PERFORM keep_windows_1(a.id, x.key, x.value, n) FROM jsonb_each(windows_) x WHERE x.key = ANY (ended)
        OR EXISTS (SELECT 1 FROM heads h WHERE h.lane = ANY (chosen) AND h.lim = x.key);
    END IF;
    lows := lows || jsonb_build_object(a.id::text, n);
    IF chosen <> '{}' THEN
      rest := rest_1(a.id, '', n);
      -- What is held counts as waiting.
      PERFORM set_config('sessionwire.counted', 'on', true);
      RETURN QUERY
        WITH u AS (UPDATE deliveries d SET
              state = CASE WHEN a.begins AND d.leads AND d.doubt_since IS NULL AND NOT EXISTS (
                  SELECT 1 FROM jsonb_array_elements_text(coalesce(d.needs, '[]')) q(name) WHERE NOT l.refs ? q.name
                    AND NOT EXISTS (SELECT 1 FROM captures k WHERE k.lane = d.lane AND k.name = q.name AND k.value IS NOT NULL)) THEN 3 ELSE 2 END,
              attempts = d.attempts + 1, first_at = coalesce(d.first_at, n),
              paused_before = CASE WHEN d.clock_at IS NULL THEN p.ms ELSE d.paused_before END, clock_at = coalesce(d.clock_at, n),
              token = gen_random_uuid()::text, owner = mine,
              lease_until = n + (request ->> 'baseMs')::bigint + d.reads * (request ->> 'readMs')::bigint
            FROM heads h JOIN lanes l ON l.id = h.lane
              CROSS JOIN LATERAL (SELECT CASE WHEN h.lim = '' THEN rest.ms ELSE (rest_1(a.id, h.lim, n)).ms END AS ms) p
            WHERE h.lane = ANY (chosen) AND d.lane = h.lane AND d.position = h.walk AND d.state = 1
            RETURNING d.*, p.ms AS paused_ms),
          t AS (UPDATE heads h SET kind = 3, due = u.lease_until, ready = u.lease_until FROM u WHERE h.lane = u.lane)
        SELECT (SELECT row_to_json(x)::text FROM (SELECT a.id AS adapter, ${CLAIMED}, d.paused_ms, ${KNOWN}) x), d.body
          FROM u d JOIN lanes l ON l.id = d.lane ORDER BY array_position(chosen, d.lane);
      PERFORM set_config('sessionwire.counted', 'off', true);
    END IF;
  END LOOP;
  RETURN QUERY SELECT json_build_object('now', n, 'next', later, 'others', other, 'settled', settled, 'low', lows)::text, NULL::text;
END $$;

CREATE FUNCTION @.take_1(_now text, _adapter text, _most text) RETURNS TABLE (r text, body text) LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE n bigint := coalesce(_now::bigint, ms()); a smallint := _adapter::smallint; blocking bigint; chosen bigint[];
BEGIN
  SELECT l.id INTO blocking FROM lanes l WHERE l.lane = 'init' AND l.adapter = a
    AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state IN (1, 2, 3, 4));
  SELECT array_agg(x.lane) INTO chosen FROM (SELECT h.lane FROM heads h WHERE h.adapter = a AND h.kind = 4
    AND (h.due <= n OR h.due > n + 86400000) AND (blocking IS NULL OR h.lane = blocking)
    ORDER BY h.due, h.lane LIMIT greatest(0, _most::bigint) FOR UPDATE SKIP LOCKED) x;
  RETURN QUERY
    WITH u AS (UPDATE deliveries d SET state = 3, attempts = d.attempts + 1, first_at = coalesce(d.first_at, n),
          paused_before = CASE WHEN d.clock_at IS NULL THEN p.ms ELSE d.paused_before END, clock_at = coalesce(d.clock_at, n)
        FROM heads h CROSS JOIN LATERAL (SELECT (rest_1(a, h.lim, n)).ms) p
        WHERE h.lane = ANY (chosen) AND d.lane = h.lane AND d.position = h.walk AND d.state = 1 RETURNING d.*, p.ms AS paused_ms),
      t AS (UPDATE heads h SET kind = NULL FROM u WHERE h.lane = u.lane)
    SELECT (SELECT row_to_json(x)::text FROM (SELECT a AS adapter, ${CLAIMED}, d.paused_ms, ${KNOWN}) x), d.body
      FROM u d JOIN lanes l ON l.id = d.lane ORDER BY array_position(chosen, d.lane);
END $$;
`
