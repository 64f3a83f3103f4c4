-- What was killed with ships of these types, and which of them were lost, in this window?
--
-- $1 the types, $2 and $3 the window, $4 the types of capsules, $5 kills of the newest, $6 rows of each list. Losses come
-- from the mails' index. Nothing indexes the attackers' ships: each window's participants are read through, which is why
-- the walk has a budget of time.
WITH crew AS MATERIALIZED (
  SELECT p.killmail_id, p."timestamp", p.character_id, p.ship_type_id
  FROM killmail_participants p
  WHERE p.ship_type_id = ANY ($1::bigint[]) AND p.ordinal > 0 AND p."timestamp" >= $2 AND p."timestamp" < $3
),
mine AS (
  SELECT DISTINCT c.killmail_id, c."timestamp", false AS is_loss
  FROM crew c
  UNION ALL
  SELECT r.killmail_id, r."timestamp", true
  FROM killmails_raw r
  WHERE r.ship_type_id = ANY ($1::bigint[]) AND r."timestamp" >= $2 AND r."timestamp" < $3
),
mails AS MATERIALIZED (
  SELECT m.killmail_id, m."timestamp", m.is_loss, r.system_id, r.ship_type_id,
    r.ship_type_id = ANY ($4::bigint[]) AS is_pod, e.npc, e.isk_value
  FROM mine m
  JOIN killmails_raw r
    ON r.killmail_id = m.killmail_id AND r."timestamp" = m."timestamp" AND r."timestamp" >= $2 AND r."timestamp" < $3
  JOIN killmails_enriched e
    ON e.killmail_id = m.killmail_id AND e."timestamp" = m."timestamp" AND e."timestamp" >= $2 AND e."timestamp" < $3
)
SELECT 'month' AS part, date_trunc('month', "timestamp", 'UTC') AS at, is_loss, npc, is_pod,
  NULL::bigint AS id, count(*) AS mails, sum(isk_value) AS isk
FROM mails
GROUP BY at, is_loss, npc, is_pod
UNION ALL
(SELECT 'newest', "timestamp", is_loss, npc, is_pod, killmail_id, 1, isk_value
 FROM mails WHERE NOT is_loss ORDER BY "timestamp" DESC, killmail_id DESC LIMIT $5)
UNION ALL
(SELECT 'newest', "timestamp", is_loss, npc, is_pod, killmail_id, 1, isk_value
 FROM mails WHERE is_loss ORDER BY "timestamp" DESC, killmail_id DESC LIMIT $5)
UNION ALL
(SELECT 'system', NULL, false, false, false, system_id, count(*), NULL
 FROM mails WHERE is_loss GROUP BY system_id ORDER BY count(*) DESC, system_id LIMIT $6)
UNION ALL
(SELECT 'ship_lost', NULL, true, false, false, ship_type_id, count(*), NULL
 FROM mails WHERE is_loss GROUP BY ship_type_id ORDER BY count(*) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'ship_flown', NULL, false, false, false, ship_type_id, count(DISTINCT killmail_id), NULL
 FROM crew GROUP BY ship_type_id ORDER BY count(DISTINCT killmail_id) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'character', NULL, false, false, false, character_id, count(DISTINCT killmail_id), NULL
 FROM crew WHERE character_id IS NOT NULL
 GROUP BY character_id ORDER BY count(DISTINCT killmail_id) DESC, character_id LIMIT $6);
