-- Stores the bodies of kills that are not known, and tells which they were; but none of ranges that take no new ones ($1 to
-- $2 each). One that another transaction is storing at this moment is waited for and left to a second look.
INSERT INTO killmails_raw (
  killmail_id, "timestamp", system_id, ship_type_id, war_id, attacker_count, player_count, killmail_hash, raw_payload,
  item_type_ids)
SELECT
  s.killmail_id, s."timestamp", s.system_id, s.ship_type_id, s.war_id, s.attacker_count, s.player_count,
  s.killmail_hash, s.raw_payload, s.item_type_ids
FROM pg_temp.staged_kills s
WHERE NOT EXISTS (SELECT FROM killmail_registry g WHERE g.killmail_id = s.killmail_id)
  AND NOT EXISTS (
    SELECT FROM unnest($1::timestamptz[], $2::timestamptz[]) AS closed (range_from, range_to)
    WHERE s."timestamp" >= closed.range_from AND s."timestamp" < closed.range_to)
ORDER BY s.killmail_id
ON CONFLICT DO NOTHING
RETURNING killmail_id;
