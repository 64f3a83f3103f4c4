-- Notes what ids of one kind ($2) lack ($1), how often they were seen, and with whom last.
INSERT INTO names_wanted AS w (wanted, kind, eve_id, seen, corporation_id, alliance_id, seen_at)
SELECT $1, $2, s.eve_id, s.seen, s.corporation_id, s.alliance_id, s.seen_at
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[])
  AS s (eve_id, seen, corporation_id, alliance_id, seen_at)
ORDER BY s.eve_id
ON CONFLICT (wanted, kind, eve_id) DO UPDATE
SET seen = w.seen + EXCLUDED.seen,
    corporation_id = CASE WHEN w.seen_at >= EXCLUDED.seen_at THEN w.corporation_id ELSE EXCLUDED.corporation_id END,
    alliance_id = CASE WHEN w.seen_at >= EXCLUDED.seen_at THEN w.alliance_id ELSE EXCLUDED.alliance_id END,
    seen_at = GREATEST(w.seen_at, EXCLUDED.seen_at);
