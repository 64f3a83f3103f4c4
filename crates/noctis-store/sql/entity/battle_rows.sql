-- Who was on these kills, in which role and ship, and what was each worth?
--
-- $1 and $2 the kills' ids and times, $3 and $4 the range of time they lie in, both ends included, $5 rows.
SELECT
  p.killmail_id,
  p.ordinal = 0 AS is_victim,
  p.character_id,
  p.corporation_id,
  p.alliance_id,
  p.faction_id,
  p.ship_type_id,
  e.isk_value
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmail_participants p
  ON p.killmail_id = k.killmail_id AND p."timestamp" = k."timestamp" AND p."timestamp" >= $3 AND p."timestamp" <= $4
JOIN killmails_enriched e
  ON e.killmail_id = k.killmail_id AND e."timestamp" = k."timestamp" AND e."timestamp" >= $3 AND e."timestamp" <= $4
ORDER BY p."timestamp", p.killmail_id, p.ordinal
LIMIT $5;
