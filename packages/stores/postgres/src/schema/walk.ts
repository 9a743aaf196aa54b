/**
 * Settings of every function that is called from outside; those it calls inherit them. A plan made while a table was empty
 * must not read the table whole once it is full.
 */
export const SETTINGS = `SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off SET search_path = @, pg_temp`

/**
 * The clock, the counts and the walk. \`walk_1\` writes where lanes stand: the first waiting, claimed or begun delivery, or
 * the first planned or dead one that others need. Its caller holds the lanes' heads. \`_begin\`: from the first position on,
 * not from where the head stood. \`_served\`: when a worker settled one of them.
 */
export const WALK = `
CREATE FUNCTION @.ms() RETURNS bigint LANGUAGE sql VOLATILE AS
  $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE FUNCTION @.fold_1() RETURNS void LANGUAGE plpgsql SET search_path = @, pg_temp AS $$ BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('@ tallies', 0)) THEN RETURN; END IF;
  WITH gone AS (DELETE FROM tallies RETURNING *)
    INSERT INTO tallies (adapter, target, state, count)
      SELECT adapter, target, state, sum(count) FROM gone GROUP BY 1, 2, 3 HAVING sum(count) <> 0;
END $$;

CREATE FUNCTION @.walk_1(_lanes bigint[], _begin boolean, _served bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held bigint[]; at bigint[];
BEGIN
  IF _begin THEN
    SELECT array_agg(h.lane), array_agg(h.walk) INTO held, at FROM heads h WHERE h.lane = ANY (_lanes) AND h.kind = 3;
  END IF;
  UPDATE heads h SET (walk, served, kind, lim, due, ready, planned) = (
    SELECT coalesce(d.position, h.next), s.served,
      CASE WHEN d.position IS NULL OR d.state IN (0, 4) THEN NULL
        -- What a worker holds is held, also in a lane that stands still.
        WHEN d.state <> 1 THEN CASE WHEN d.lease_until IS NULL THEN NULL ELSE 3 END
        WHEN h.still THEN NULL
        WHEN d.via = 2 THEN 4
        WHEN d.paced > greatest(d.due_at, s.served) THEN 2 ELSE 1 END,
      coalesce(d.lim, ''),
      CASE WHEN d.state <> 1 THEN d.lease_until WHEN d.via = 2 THEN d.due_at ELSE greatest(d.due_at, s.served, d.paced) END,
      CASE WHEN d.state <> 1 THEN d.lease_until WHEN d.via = 2 THEN d.due_at ELSE greatest(d.due_at, s.served) END,
      d.planned_at
    FROM (SELECT coalesce(_served, h.served) AS served) s LEFT JOIN LATERAL (
      SELECT x.position, x.state, x.via, x.due_at, x.lease_until, x.lim, x.planned_at,
        CASE WHEN x.name IS NULL THEN 0
          ELSE coalesce((SELECT (l.sent -> x.name ->> 'at')::bigint FROM lanes l WHERE l.id = x.lane) + coalesce(x.every_ms, 0), 0) END AS paced
      FROM deliveries x
      WHERE x.lane = h.lane AND x.position >= CASE WHEN _begin THEN -9223372036854775808 ELSE h.walk END
        AND (x.state IN (1, 2, 3) OR x.state IN (0, 4) AND x.holds)
      ORDER BY x.position LIMIT 1) d ON true)
  WHERE h.lane = ANY (_lanes);
  IF held IS NOT NULL THEN
    INSERT INTO strays (lane, position)
      SELECT o.lane, o.position FROM unnest(held, at) AS o(lane, position)
        JOIN deliveries d ON d.lane = o.lane AND d.position = o.position
        JOIN heads h ON h.lane = o.lane
      WHERE d.token IS NOT NULL AND d.state IN (2, 3) AND NOT (h.walk = o.position AND h.kind IS NOT DISTINCT FROM 3)
      ON CONFLICT DO NOTHING;
  END IF;
END $$;
`
