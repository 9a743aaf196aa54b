import { SETTINGS } from './walk.ts'

/**
 * The windows of limits, as \`delivery/transitions.ts\` of core defines them: \`[{count, perMs, at, slice, slots, open}]\`, one
 * for each rate that workers declared lately. \`open\` has \`[which, at, until]\` of each call that is under way; a slice has those
 * that ended in it, and counts until all of it lies outside of the window.
 */
export const WINDOW = `
CREATE FUNCTION @.slide_1(_window jsonb, _per bigint, _now bigint) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  s bigint := _now * 16 / _per;
  old bigint := (_window ->> 'slice')::bigint;
  kept jsonb := _window -> 'slots';
BEGIN
  IF old > (_now + _per) * 16 / _per THEN RETURN _window || jsonb_build_object('slice', s, 'slots', '[]'::jsonb); END IF;
  IF old >= s THEN RETURN _window; END IF;
  IF s - old > 16 THEN RETURN _window || jsonb_build_object('slice', s, 'slots', '[]'::jsonb); END IF;
  SELECT coalesce(jsonb_agg(x.count ORDER BY x.o), '[]') INTO kept FROM (
    SELECT y.count, y.o, bool_or(y.count > 0) OVER (ORDER BY y.o) AS begun FROM (
      SELECT z.count, z.o, z.o > (jsonb_array_length(kept) + s - old - 17) AS inside FROM (
        SELECT c::bigint AS count, o FROM jsonb_array_elements_text(kept) WITH ORDINALITY AS e(c, o)
        UNION ALL SELECT 0, jsonb_array_length(kept) + g FROM generate_series(1, s - old) g) z) y
    WHERE y.inside) x
  WHERE x.begun;
  RETURN _window || jsonb_build_object('slice', s, 'slots', kept);
END $$;

CREATE FUNCTION @.add_calls_1(_window jsonb, _count bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT _window || jsonb_build_object('slots', CASE WHEN jsonb_array_length(_window -> 'slots') = 0 THEN jsonb_build_array(_count)
    ELSE jsonb_set(_window -> 'slots', ARRAY['-1'], to_jsonb((_window -> 'slots' ->> -1)::bigint + _count)) END)
$$;

-- Counts calls in the slice of their end; the window is of \`_now\`.
CREATE FUNCTION @.add_many_1(_window jsonb, _end bigint, _count bigint, _per bigint, _now bigint) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE back int; slots jsonb := _window -> 'slots'; n int := jsonb_array_length(_window -> 'slots');
BEGIN
  IF _end > _now + _per OR (_window ->> 'slice')::bigint - _end * 16 / _per > 16 THEN RETURN _window; END IF;
  back := greatest(0, (_window ->> 'slice')::bigint - _end * 16 / _per);
  FOR i IN n .. back LOOP slots := '[0]'::jsonb || slots; END LOOP;
  RETURN _window || jsonb_build_object('slots', jsonb_set(slots, ARRAY[(-1 - back)::text], to_jsonb((slots ->> (-1 - back))::bigint + _count)));
END $$;

-- Moves what ended from the calls under way into the slice of its end. A read ends by its name or its time; a call when no worker
-- holds its delivery: at the time its lane was served since, else (nothing of it was reported) now.
CREATE FUNCTION @.close_calls_1(_windows jsonb, _ended text, _now bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE w jsonb; open_ jsonb; per bigint; closed jsonb := '[]'; ends bigint[]; counts bigint[];
BEGIN
  IF NOT jsonb_path_exists(_windows, '$[*].open[*]') THEN RETURN _windows; END IF;
  FOR w IN SELECT e FROM jsonb_array_elements(_windows) e LOOP
    per := (w ->> 'perMs')::bigint;
    WITH calls AS (
      SELECT e.o, e.n, CASE WHEN e.o ->> 0 = _ended THEN _now
          WHEN jsonb_array_length(e.o) > 2 THEN CASE WHEN (e.o ->> 2)::bigint <= _now THEN (e.o ->> 2)::bigint END
          WHEN d.token IS NOT NULL AND d.state IN (2, 3) THEN NULL
          WHEN h.served >= (e.o ->> 1)::bigint THEN h.served ELSE _now END AS ends
        FROM jsonb_array_elements(w -> 'open') WITH ORDINALITY AS e(o, n)
          CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_array_length(e.o) = 2 THEN string_to_array(e.o ->> 0, '.')::bigint[] END AS of) k
          LEFT JOIN LATERAL (SELECT x.served FROM heads x WHERE x.lane = k.of[1]) h ON true
          LEFT JOIN LATERAL (SELECT x.token, x.state FROM deliveries x WHERE x.lane = k.of[1] AND x.position = k.of[2] AND x.rank = k.of[3]) d ON true),
      ended AS (SELECT c.ends, count(*) AS count FROM calls c WHERE c.ends IS NOT NULL GROUP BY 1)
    SELECT (SELECT coalesce(jsonb_agg(c.o ORDER BY c.n), '[]') FROM calls c WHERE c.ends IS NULL), array_agg(x.ends), array_agg(x.count)
      INTO open_, ends, counts FROM ended x;
    IF ends IS NOT NULL THEN
      w := slide_1(w, per, _now);
      FOR i IN 1 .. cardinality(ends) LOOP w := add_many_1(w, ends[i], counts[i], per, _now); END LOOP;
    END IF;
    closed := closed || jsonb_build_array(w || jsonb_build_object('open', open_));
  END LOOP;
  RETURN closed;
END $$;

CREATE FUNCTION @.open_calls_1(_windows jsonb, _calls jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_agg(w || jsonb_build_object('open', coalesce(w -> 'open', '[]') || _calls) ORDER BY o), '[]')
    FROM jsonb_array_elements(_windows) WITH ORDINALITY AS e(w, o)
$$;

CREATE FUNCTION @.room_1(_windows jsonb, _count bigint, _per bigint, _now bigint, OUT room bigint, OUT free_at bigint, OUT windows jsonb)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE w jsonb; own jsonb; first jsonb; used bigint; n int; c bigint; per bigint; most bigint; low bigint; free bigint;
BEGIN
  windows := '[]';
  FOR w IN SELECT e FROM jsonb_array_elements(_windows) e LOOP
    per := (w ->> 'perMs')::bigint;
    IF (w ->> 'count')::bigint = _count AND per = _per THEN
      IF own IS NULL THEN own := w; END IF;
    ELSIF NOT ((w ->> 'at')::bigint <= _now + per AND (w ->> 'at')::bigint > _now - greatest(60000, 2 * per)) THEN CONTINUE;
    END IF;
    windows := windows || jsonb_build_array(w);
  END LOOP;
  IF own IS NULL THEN
    own := jsonb_build_object('count', _count, 'perMs', _per, 'at', _now, 'slice', 0, 'slots', '[]'::jsonb, 'open', '[]'::jsonb);
    first := windows -> 0;
    IF first IS NOT NULL THEN
      n := jsonb_array_length(first -> 'slots');
      per := (first ->> 'perMs')::bigint;
      FOR i IN 1 .. n LOOP
        low := least(_now, ((first ->> 'slice')::bigint - n + i + 1) * per / 16);
        own := add_calls_1(slide_1(own, _per, low), (first -> 'slots' ->> (i - 1))::bigint);
      END LOOP;
      own := own || jsonb_build_object('open', coalesce(first -> 'open', '[]'));
    END IF;
    windows := windows || jsonb_build_array(own);
  END IF;
  own := '[]';
  FOR w IN SELECT e FROM jsonb_array_elements(windows) e LOOP
    per := (w ->> 'perMs')::bigint;
    most := (w ->> 'count')::bigint;
    w := slide_1(w, per, _now);
    SELECT coalesce(sum(x::bigint), 0) + coalesce(jsonb_array_length(w -> 'open'), 0) INTO used FROM jsonb_array_elements_text(w -> 'slots') x;
    IF used < most THEN
      room := least(room, most - used);
    ELSE
      room := 0;
      n := jsonb_array_length(w -> 'slots');
      free := _now + per;
      FOR i IN 1 .. n LOOP
        used := used - (w -> 'slots' ->> (i - 1))::bigint;
        IF used < most THEN
          free := (((w ->> 'slice')::bigint - n + i + 17) * per + 15) / 16;
          EXIT;
        END IF;
      END LOOP;
      free_at := greatest(free_at, free);
    END IF;
    IF most = _count AND per = _per THEN w := w || jsonb_build_object('at', _now); END IF;
    own := own || jsonb_build_array(w);
  END LOOP;
  windows := own;
END $$;

CREATE FUNCTION @.count_calls_1(_windows jsonb, _count bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_agg(@.add_calls_1(w, _count) ORDER BY o), '[]') FROM jsonb_array_elements(_windows) WITH ORDINALITY AS e(w, o)
$$;

CREATE FUNCTION @.keep_windows_1(_adapter smallint, _lim text, _windows jsonb, _now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last bigint;
BEGIN
  SELECT max(greatest((((w ->> 'slice')::bigint + 17) * (w ->> 'perMs')::bigint + 15) / 16, (w ->> 'at')::bigint + CASE WHEN coalesce(w -> 'open', '[]') = '[]' THEN 60000 ELSE 86400000 END)) INTO last
    FROM jsonb_array_elements(_windows) w;
  UPDATE gates SET windows = _windows, ends = last WHERE adapter = _adapter AND lim = _lim;
  IF FOUND THEN RETURN; END IF;
  DELETE FROM gates WHERE (adapter, lim) IN (SELECT g.adapter, g.lim FROM gates g
    WHERE g.adapter = _adapter AND g.lim <> '' AND g.ends < _now AND g.pause IS NULL AND g.rested = 0 LIMIT 64 FOR UPDATE SKIP LOCKED);
  INSERT INTO gates (adapter, lim, windows, ends) VALUES (_adapter, _lim, _windows, last)
    ON CONFLICT (adapter, lim) DO UPDATE SET windows = excluded.windows, ends = excluded.ends;
END $$;

CREATE FUNCTION @.draw_1(_now text, _given text) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE n bigint := coalesce(_now::bigint, ms()); d record; w record; known jsonb; closed jsonb; answers jsonb := '[]'; draws jsonb := _given::jsonb;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  -- As a claim does: a worker that takes from a limit has the gate of its adapter first.
  INSERT INTO gates (adapter, lim) SELECT DISTINCT x.adapter, y.lim FROM jsonb_to_recordset(draws) AS x(adapter smallint, lim text)
    CROSS JOIN LATERAL (VALUES (''), (x.lim)) y(lim) ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  PERFORM 1 FROM gates g WHERE g.lim = '' AND g.adapter IN (SELECT x.adapter FROM jsonb_to_recordset(draws) AS x(adapter smallint))
    ORDER BY g.adapter FOR NO KEY UPDATE;
  -- The worker that had the gate meanwhile counted later calls.
  IF _now IS NULL THEN n := ms(); END IF;
  FOR d IN SELECT x.* FROM ROWS FROM (jsonb_to_recordset(draws) AS (adapter smallint, lim text, count bigint, per bigint, id text, lasts numeric, ended text))
      WITH ORDINALITY AS x(adapter, lim, count, per, id, lasts, ended, o) ORDER BY x.o LOOP
    SELECT g.windows INTO known FROM gates g WHERE g.adapter = d.adapter AND g.lim = d.lim FOR NO KEY UPDATE;
    known := coalesce(known, '[]');
    closed := close_calls_1(known, d.ended, n);
    SELECT * INTO w FROM room_1(closed, d.count, d.per, n);
    IF d.ended IS NULL AND w.room > 0 THEN
      PERFORM keep_windows_1(d.adapter, d.lim, CASE WHEN d.id IS NULL THEN count_calls_1(w.windows, 1)
        ELSE open_calls_1(w.windows, jsonb_build_array(jsonb_build_array(d.id, n, ceil(n + d.lasts)))) END, n);
    ELSIF closed <> known THEN PERFORM keep_windows_1(d.adapter, d.lim, w.windows, n);
    END IF;
    answers := answers || to_jsonb(CASE WHEN d.ended IS NOT NULL OR w.room > 0 THEN 0 ELSE greatest(1, coalesce(w.free_at, n) - n) END);
  END LOOP;
  RETURN answers::text;
END $$;
`
