-- What is counted of these kills but who was there? Their keys, and the range of time they lie in, so that only its months are
-- touched.
SELECT r.killmail_id, r."timestamp", r.system_id, r.ship_type_id, e.npc, e.isk_value
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmails_raw r
  ON r.killmail_id = k.killmail_id AND r."timestamp" = k."timestamp" AND r."timestamp" >= $3 AND r."timestamp" <= $4
JOIN killmails_enriched e
  ON e.killmail_id = k.killmail_id AND e."timestamp" = k."timestamp" AND e."timestamp" >= $3 AND e."timestamp" <= $4;
