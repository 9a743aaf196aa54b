import { SETTINGS } from './walk.ts'

const CLAIMED = `d.lane, d.lane_name, d.key, d.position, d.rank, d.action, d.via, d.state, d.sequence, d.holds, d.attempts, d.misses, d.unreported,
  d.planned_at, d.first_at, d.clock_at, d.paused_before, d.due_at, d.exposed, d.rejected, d.doubt_since, d.token, d.lease_until, d.owner, d.settled_at,
  d.reason, d.successor, d.waits_for, d.lim`

/** The fields of a claim about the lane: captures, and who would capture what is not captured yet. Most lanes are not in `knowing` and have none. */
const KNOWN = `d.refs, CASE WHEN d.lane = ANY (knowing) THEN captured_1(d.lane) END AS captured,
  CASE WHEN d.lane = ANY (knowing) THEN owed_1(d.lane) END AS owed`
/** The lanes of an array that have captures. */
const selectKnowing = (lanes: string): string =>
  `ARRAY(SELECT x.lane FROM unnest(${lanes}) AS x(lane) WHERE EXISTS (SELECT 1 FROM captures c WHERE c.lane = x.lane))`

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

-- What workers hold: heads, and what stands behind one that was placed before it.
CREATE FUNCTION @.held_1(_adapter smallint) RETURNS TABLE (lane bigint, "position" bigint, key text, state smallint, again smallint, owner text, lease bigint) LANGUAGE sql STABLE AS $$
  SELECT d.lane, d.position, d.key, d.state, d.again, d.owner, d.lease_until FROM @.heads h JOIN @.deliveries d ON d.lane = h.lane AND d.position = h.walk
    WHERE h.adapter = _adapter AND h.kind = 3 AND d.token IS NOT NULL AND d.state IN (2, 3)
  UNION ALL SELECT d.lane, d.position, d.key, d.state, d.again, d.owner, d.lease_until FROM @.strays s JOIN @.lanes l ON l.id = s.lane
      JOIN @.deliveries d ON d.lane = s.lane AND d.position = s.position
    WHERE l.adapter = _adapter AND d.token IS NOT NULL AND d.state IN (2, 3)
      AND NOT EXISTS (SELECT 1 FROM @.heads h WHERE h.lane = s.lane AND h.kind = 3 AND h.walk = s.position)
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

-- Takes the gates of adapters, in their order.
CREATE FUNCTION @.pass_1(_ids smallint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found_ int;
BEGIN
  SELECT count(*) INTO found_ FROM (SELECT 1 FROM gates t WHERE t.adapter = ANY (_ids) AND t.lim = '' ORDER BY t.adapter FOR NO KEY UPDATE) t;
  IF found_ = cardinality(_ids) THEN RETURN; END IF;
  INSERT INTO gates AS t (adapter, lim) SELECT x, '' FROM unnest(_ids) x ORDER BY x ON CONFLICT (adapter, lim) DO UPDATE SET lim = excluded.lim;
END $$;

-- All adapters are asked together, in a few statements. Due heads are looked for without a lock; then the gates of the adapters that have
-- something are taken, unless this claim has them, and the heads are locked as they were seen. Where another claim was faster, all is
-- looked at once more.
CREATE FUNCTION @.claim_1(_member text, _worker text, _now text, _given text, _settlements text)
RETURNS TABLE (r text, body text) LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE
  n bigint := coalesce(_now::bigint, ms());
  request jsonb := _given::jsonb;
  mine text := _member || coalesce('/' || _worker, '');
  hurry boolean := coalesce((request ->> 'hurry')::boolean, false);
  later bigint; soon bigint; settled jsonb; other int; i int; p int; a smallint; rate jsonb; closed jsonb; w record;
  ids smallint[]; targets text[]; rooms bigint[]; mosts bigint[]; rates jsonb[]; begins smallint[]; over_ smallint[]; until_ bigint;
  blockings bigint[]; pausing boolean[]; resting smallint[]; spare bigint[]; lefts bigint[]; gated smallint[];
  os int[]; lanes_ bigint[]; dues bigint[]; lims text[]; chosen int[]; locked int[]; taken bigint[]; walks bigint[]; serves bigint[];
  adapters_ smallint[]; limits text[]; knowing bigint[]; stem text; least_ bigint; read_ bigint;
  names text[]; windows_ jsonb[]; spaces bigint[]; full_ boolean[]; ended boolean[]; places int[]; said text;
BEGIN
  IF _settlements IS NOT NULL THEN
    settled := settle_all_1(n, _settlements::jsonb);
  ELSIF NOT coalesce((request ->> 'begins')::boolean, false) THEN
    -- A claim that is lost with the server harms nothing: begin and settle will not know its token.
    said := set_config('synchronous_commit', 'off', true);
  END IF;
  SELECT array_agg(x.id), array_agg(x.target), array_agg(x.room), array_agg(x.concurrency), array_agg(x.rates), array_agg(x.id) FILTER (WHERE x.begins)
    INTO ids, targets, rooms, mosts, rates, begins
    FROM (SELECT y.* FROM jsonb_to_recordset(request -> 'adapters') AS y(id smallint, target text, room bigint, concurrency bigint, rates jsonb, begins boolean)
      ORDER BY y.id) x;
  -- One claim of an adapter at a time: what is held of it is counted under its gate. A worker that settles nearly always finds more, so it
  -- takes the gates before it looks: what it saw while it waited would be taken. Any other claim writes nothing where it finds nothing.
  IF settled IS NOT NULL THEN
    PERFORM pass_1(ids);
    gated := ids;
    -- The worker that had a gate meanwhile counted later calls.
    IF _now IS NULL THEN n := ms(); END IF;
  END IF;
  -- What is held, and whether any of it may be over. Nothing is, where one worker's calls all ended.
  FOR look IN 1 .. 2 LOOP
    IF NOT EXISTS (SELECT 1 FROM heads h WHERE h.adapter = ANY (ids) AND h.kind = 3) AND NOT EXISTS (SELECT 1 FROM strays) THEN
      SELECT array_agg(least(x.room, x.most) ORDER BY x.o), NULL, 0 INTO spare, until_, other FROM unnest(rooms, mosts) WITH ORDINALITY AS x(room, most, o);
      EXIT;
    END IF;
    WITH held AS MATERIALIZED (SELECT x.id AS adapter, h.owner, split_part(h.owner, '/', 1) AS member, h.lease, h.state = 2 AND h.again <> 1 AS unsent, h.key
        FROM unnest(ids) AS x(id) CROSS JOIN LATERAL held_1(x.id) h),
      owned AS (SELECT h.adapter, h.owner, h.member, count(*) AS count, min(h.lease) AS first, max(h.lease) AS last, bool_or(h.unsent) AS unsent,
          bool_or(h.owner = mine AND NOT request -> 'holding' ? h.key) AS lost FROM held h GROUP BY 1, 2, 3)
    SELECT (SELECT array_agg(least(x.room, x.most - coalesce((SELECT sum(c.count) FROM owned c WHERE c.adapter = x.id), 0)) ORDER BY x.o)
          FROM unnest(ids, rooms, mosts) WITH ORDINALITY AS x(id, room, most, o)),
        array_agg(DISTINCT o.adapter) FILTER (WHERE o.first <= n OR o.last > n + 86400000 OR o.lost OR o.member <> _member
          AND (CASE WHEN m.id IS NULL THEN o.unsent ELSE m.ended IS NOT NULL OR o.unsent AND m.seen_at < ms() - m.silent_ms END)),
        min(o.first), coalesce(sum(o.count) FILTER (WHERE o.owner <> mine), 0)
      INTO spare, over_, until_, other
      FROM owned o LEFT JOIN members m ON m.id = CASE WHEN o.member <> _member THEN o.member::uuid END;
    EXIT WHEN over_ IS NULL OR look = 2;
    FOREACH a IN ARRAY over_ LOOP PERFORM expire_1(a, mine, n, request); END LOOP;
  END LOOP;
  -- While the adapter's own lane has anything to do or anything dead, no other moves.
  SELECT array_agg(b.id ORDER BY x.o), array_agg(p.is_paused ORDER BY x.o), array_agg(x.id) FILTER (WHERE p.is_paused) INTO blockings, pausing, resting
    FROM unnest(ids, targets) WITH ORDINALITY AS x(id, target, o)
      LEFT JOIN LATERAL (SELECT l.id FROM lanes l JOIN heads h ON h.lane = l.id WHERE l.lane = 'init' AND l.adapter = x.id AND l.target IN ('', x.target)
        AND (EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.position >= h.walk AND d.state IN (1, 2, 3))
          OR EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.attention AND d.state = 4))) b ON true
      CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM gates g WHERE g.adapter = x.id AND (g.pause IS NOT NULL OR g.rested <> 0))
        OR EXISTS (SELECT 1 FROM denials d WHERE d.adapter = x.id) AS is_paused) p;
  FOR look IN 1 .. 2 LOOP
    -- Each kind, target and limit of an adapter is a stretch of the index: what is due of it, and when more will be. A time that is further
    -- away than a day was written before the clock was set back. The list of kinds says that the index has them all.
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT * FROM unnest(ids, targets, rooms, blockings, pausing) WITH ORDINALITY AS x(id, target, room, blocking, pausing, o)),
      named(o, id, room, pausing, kind, target, lim) AS (
        SELECT q.o::int, q.id, q.room, q.pausing, k.kind, t.target COLLATE "C", '' COLLATE "C" FROM asked q
          CROSS JOIN (VALUES (1::smallint), (2::smallint)) k(kind)
          CROSS JOIN LATERAL unnest(CASE q.target WHEN '' THEN ARRAY[''] ELSE ARRAY['', q.target] END) t(target) WHERE q.blocking IS NULL
        UNION ALL SELECT g.o, g.id, g.room, g.pausing, g.kind, g.target, m.lim FROM named g CROSS JOIN LATERAL (SELECT h.lim FROM heads h
          WHERE h.adapter = g.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim > g.lim ORDER BY h.lim LIMIT 1) m),
      found AS (
        SELECT g.o, g.id, g.pausing, g.lim, x.* FROM named g CROSS JOIN LATERAL (
          (SELECT h.lane, h.due, false AS later FROM heads h WHERE h.adapter = g.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
            AND h.due <= n ORDER BY h.due, h.lane LIMIT greatest(1, g.room))
          UNION ALL (SELECT h.lane, h.due, false FROM heads h WHERE h.adapter = g.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
            AND h.due > n + 86400000 ORDER BY h.due, h.lane LIMIT greatest(1, g.room))
          UNION ALL (SELECT h.lane, CASE WHEN x.paced AND h.ready > n AND h.ready <= n + 86400000 THEN h.ready ELSE h.due END,
              NOT x.paced OR h.ready > n AND h.ready <= n + 86400000 FROM (SELECT hurry AND g.kind = 2 AS paced) x, heads h
            WHERE h.adapter = g.id AND h.kind = g.kind AND h.kind IN (1, 2, 4) AND h.target = g.target AND h.lim = g.lim
              AND h.due > n AND h.due <= n + 86400000 ORDER BY h.due LIMIT CASE WHEN hurry AND g.kind = 2 THEN NULL ELSE 1 END)) x
        UNION ALL SELECT q.o::int, q.id, q.pausing, h.lim, h.lane,
            CASE WHEN hurry AND h.kind = 2 AND x.waits THEN h.ready ELSE h.due END, x.waits FROM asked q JOIN heads h ON h.lane = q.blocking
            CROSS JOIN LATERAL (SELECT CASE WHEN hurry AND h.kind = 2 AND h.due > n AND h.due <= n + 86400000 THEN h.ready ELSE h.due END AS at) y
            CROSS JOIN LATERAL (SELECT y.at > n AND y.at <= n + 86400000 AS waits) x WHERE h.kind IN (1, 2)),
      rested AS (SELECT f.*, CASE WHEN f.pausing THEN (rest_1(f.id, f.lim, n)).forever ELSE false END AS forever,
        CASE WHEN f.pausing THEN (rest_1(f.id, f.lim, n)).until END AS until FROM found f)
    SELECT min(CASE WHEN s.forever THEN NULL WHEN s.until IS NOT NULL THEN greatest(CASE WHEN s.later THEN s.due ELSE n END, s.until) WHEN s.later THEN s.due END),
        array_agg(s.o) FILTER (WHERE s.free), array_agg(s.lane) FILTER (WHERE s.free), array_agg(s.due) FILTER (WHERE s.free), array_agg(s.lim) FILTER (WHERE s.free)
      INTO soon, os, lanes_, dues, lims
      FROM (SELECT y.*, NOT y.later AND NOT y.forever AND y.until IS NULL AS free FROM rested y ORDER BY y.o, y.due, y.lane) s;
    later := least(until_, soon);
    chosen := '{}'; locked := '{}'; names := '{}'; windows_ := '{}'; spaces := '{}'; full_ := '{}'; ended := '{}'; places := '{}';
    EXIT WHEN os IS NULL;
    IF gated IS NULL THEN
      gated := ARRAY(SELECT x.id FROM unnest(ids, spare) WITH ORDINALITY AS x(id, spare, o) WHERE x.spare > 0 AND x.o = ANY (os));
      EXIT WHEN gated = '{}';
      PERFORM pass_1(gated);
      IF _now IS NULL THEN n := ms(); END IF;
      SELECT array_agg(least(x.room, x.most - u.count) ORDER BY x.o) INTO spare FROM unnest(ids, rooms, mosts) WITH ORDINALITY AS x(id, room, most, o)
        CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM heads h WHERE h.adapter = x.id AND h.kind = 3) + (SELECT count(*) FROM strays s JOIN lanes l ON l.id = s.lane WHERE l.adapter = x.id) AS count) u;
    END IF;
    lefts := spare;
    FOR i IN 1 .. cardinality(os) LOOP
      CONTINUE WHEN lefts[os[i]] <= 0;
      IF NOT ids[os[i]] = ANY (gated) THEN later := least(later, n); CONTINUE; END IF;
      p := NULL;
      IF lims[i] <> '' AND rates[os[i]] <> '{}' THEN
        rate := coalesce(rates[os[i]] -> lims[i], rates[os[i]] -> (split_part(lims[i], ':', 1) || ':*'));
        IF rate IS NOT NULL THEN
          p := array_position(names, os[i] || ' ' || lims[i]);
          IF p IS NULL THEN
            names := names || (os[i] || ' ' || lims[i]); p := cardinality(names);
            closed := coalesce((SELECT t.windows FROM gates t WHERE t.adapter = ids[os[i]] AND t.lim = lims[i] FOR NO KEY UPDATE), '[]');
            windows_[p] := close_calls_1(closed, NULL, n);
            ended[p] := windows_[p] <> closed;
            SELECT * INTO w FROM room_1(windows_[p], (rate ->> 'count')::bigint, (rate ->> 'perMs')::bigint, n);
            windows_[p] := w.windows; spaces[p] := w.room; full_[p] := false;
          END IF;
          IF spaces[p] <= 0 THEN full_[p] := true; CONTINUE; END IF;
          spaces[p] := spaces[p] - 1;
        END IF;
      END IF;
      chosen := chosen || i; places := places || coalesce(p, 0);
      lefts[os[i]] := lefts[os[i]] - 1;
    END LOOP;
    EXIT WHEN chosen = '{}' AND names = '{}';
    SELECT coalesce(array_agg(x.i), '{}'), coalesce(array_agg(x.lane), '{}'), array_agg(x.walk), array_agg(x.served), array_agg(x.adapter), array_agg(x.lim)
      INTO locked, taken, walks, serves, adapters_, limits FROM (
      SELECT c.i, h.lane, h.walk, h.served, h.adapter, h.lim FROM unnest(chosen) WITH ORDINALITY AS c(n, i) JOIN heads h ON h.lane = lanes_[c.n]
        WHERE h.kind IN (1, 2) AND h.due = dues[c.n] AND h.lim = lims[c.n] ORDER BY c.i FOR NO KEY UPDATE OF h SKIP LOCKED) x;
    EXIT WHEN cardinality(locked) = cardinality(chosen);
    -- Another transaction has a lane at this moment: it is asked again soon.
    later := least(later, n + 20);
  END LOOP;
  IF names <> '{}' THEN
    -- Its rank tells the delivery from one that takes its position later.
    FOR w IN SELECT places[x.i] AS place, jsonb_agg(jsonb_build_array(x.lane || '.' || x.walk || '.' || d.rank, greatest(n, x.served + 1)) ORDER BY x.i) AS calls
        FROM unnest(locked, taken, walks, serves) AS x(i, lane, walk, served) JOIN deliveries d ON d.lane = x.lane AND d.position = x.walk
        WHERE places[x.i] > 0 GROUP BY 1 LOOP
      windows_[w.place] := open_calls_1(windows_[w.place], w.calls);
      ended[w.place] := true;
    END LOOP;
    FOR p IN 1 .. cardinality(names) LOOP
      a := ids[split_part(names[p], ' ', 1)::int];
      IF full_[p] THEN
        rate := rates[split_part(names[p], ' ', 1)::int];
        rate := coalesce(rate -> substr(names[p], strpos(names[p], ' ') + 1), rate -> (split_part(substr(names[p], strpos(names[p], ' ') + 1), ':', 1) || ':*'));
        later := least(later, coalesce((SELECT x.free_at FROM room_1(windows_[p], (rate ->> 'count')::bigint, (rate ->> 'perMs')::bigint, n) x), n));
      END IF;
      IF ended[p] THEN PERFORM keep_windows_1(a, substr(names[p], strpos(names[p], ' ') + 1), windows_[p], n); END IF;
    END LOOP;
  END IF;
  IF locked <> '{}' THEN
    -- What is held counts as waiting.
    said := set_config('sessionwire.counted', 'on', true);
    -- A token is never the same twice: one id for all of this claim, and a number for each.
    stem := gen_random_uuid() || '-';
    least_ := n + (request ->> 'baseMs')::bigint;
    read_ := (request ->> 'readMs')::bigint;
    knowing := ${selectKnowing('taken')};
    RETURN QUERY
      WITH u AS (UPDATE deliveries d SET
            state = CASE WHEN c.adapter = ANY (begins) AND d.leads AND d.doubt_since IS NULL AND (d.needs IS NULL OR NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements_text(d.needs) q(name) WHERE NOT l.refs ? q.name
                  AND NOT EXISTS (SELECT 1 FROM captures k WHERE k.lane = d.lane AND k.name = q.name AND k.value IS NOT NULL))) THEN 3 ELSE 2 END,
            attempts = d.attempts + 1, first_at = coalesce(d.first_at, n),
            paused_before = CASE WHEN d.clock_at IS NULL THEN p.ms ELSE d.paused_before END, clock_at = coalesce(d.clock_at, n),
            token = stem || c.i, owner = mine,
            lease_until = least_ + d.reads * read_
          FROM unnest(taken, walks, adapters_, limits) WITH ORDINALITY AS c(lane, walk, adapter, lim, i) JOIN lanes l ON l.id = c.lane
            CROSS JOIN LATERAL (SELECT CASE WHEN c.adapter = ANY (resting) THEN (rest_1(c.adapter, c.lim, n)).ms ELSE 0 END AS ms) p
          WHERE d.lane = c.lane AND d.position = c.walk AND d.state = 1
          RETURNING d.*, p.ms AS paused_ms, c.i, c.adapter, l.lane AS lane_name, l.refs),
        t AS (UPDATE heads h SET kind = 3, due = u.lease_until, ready = u.lease_until FROM u WHERE h.lane = u.lane)
      SELECT (SELECT row_to_json(x)::text FROM (SELECT d.adapter, ${CLAIMED}, d.paused_ms, ${KNOWN}) x), d.body FROM u d ORDER BY d.i;
    said := set_config('sessionwire.counted', 'off', true);
  END IF;
  r := json_build_object('now', n, 'next', later, 'others', other, 'settled', settled)::text;
  body := NULL;
  RETURN NEXT;
END $$;

CREATE FUNCTION @.take_1(_now text, _adapter text, _most text) RETURNS TABLE (r text, body text) LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE n bigint := coalesce(_now::bigint, ms()); a smallint := _adapter::smallint; blocking bigint; chosen bigint[]; knowing bigint[];
BEGIN
  SELECT l.id INTO blocking FROM lanes l WHERE l.lane = 'init' AND l.adapter = a
    AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state IN (1, 2, 3, 4));
  SELECT array_agg(x.lane) INTO chosen FROM (SELECT h.lane FROM heads h WHERE h.adapter = a AND h.kind = 4
    AND (h.due <= n OR h.due > n + 86400000) AND (blocking IS NULL OR h.lane = blocking)
    ORDER BY h.due, h.lane LIMIT greatest(0, _most::bigint) FOR UPDATE SKIP LOCKED) x;
  knowing := ${selectKnowing('chosen')};
  RETURN QUERY
    WITH u AS (UPDATE deliveries d SET state = 3, attempts = d.attempts + 1, first_at = coalesce(d.first_at, n),
          paused_before = CASE WHEN d.clock_at IS NULL THEN p.ms ELSE d.paused_before END, clock_at = coalesce(d.clock_at, n)
        FROM heads h JOIN lanes l ON l.id = h.lane CROSS JOIN LATERAL (SELECT (rest_1(a, h.lim, n)).ms) p
        WHERE h.lane = ANY (chosen) AND d.lane = h.lane AND d.position = h.walk AND d.state = 1
        RETURNING d.*, p.ms AS paused_ms, a AS adapter, l.lane AS lane_name, l.refs),
      t AS (UPDATE heads h SET kind = NULL FROM u WHERE h.lane = u.lane)
    SELECT (SELECT row_to_json(x)::text FROM (SELECT d.adapter, ${CLAIMED}, d.paused_ms, ${KNOWN}) x), d.body
      FROM u d ORDER BY array_position(chosen, d.lane);
END $$;
`
