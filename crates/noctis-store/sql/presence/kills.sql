-- Where were these kills, and in what? Ids, and the range of time they lie in, so that only its month is touched.
SELECT r.killmail_id, r."timestamp", r.system_id, r.ship_type_id, r.item_type_ids
FROM killmails_raw r
WHERE r.killmail_id = ANY ($1)
  AND r."timestamp" >= $2
  AND r."timestamp" <= $3;
