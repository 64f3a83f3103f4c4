-- What does a list show of these kills that their mails say? Ids, and the range of time they lie in, so that only its month is touched.
SELECT
  r.killmail_id,
  r."timestamp",
  r.killmail_hash,
  r.inserted_at,
  r.system_id,
  r.ship_type_id,
  r.war_id,
  r.attacker_count,
  r.player_count
FROM killmails_raw r
WHERE r.killmail_id = ANY ($1)
  AND r."timestamp" >= $2
  AND r."timestamp" <= $3;
