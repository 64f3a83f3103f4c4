-- Whom do these kills show together, on how many rows, and when last? The kills' keys, and the range they lie in, ends included.
SELECT p.character_id, p.corporation_id, p.alliance_id, max(p."timestamp") AS seen_at, count(*) AS seen
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmail_participants p
  ON p.killmail_id = k.killmail_id AND p."timestamp" = k."timestamp" AND p."timestamp" >= $3 AND p."timestamp" <= $4
GROUP BY p.character_id, p.corporation_id, p.alliance_id;
