-- What did this corporation kill and lose in this window: by month, the newest, and the most frequent systems, ships and pilots?
--
-- $1 who, $2 and $3 the window, $4 the types of capsules, $5 kills of the newest, $6 rows of each list. A kill counts
-- once, however many of its pilots were on it: the index holds the first row of each corporation only.
WITH mine AS MATERIALIZED (
  SELECT p.killmail_id, p."timestamp", p.ordinal = 0 AS is_loss, p.alliance_id
  FROM killmail_participants p
  WHERE p.corporation_id = $1 AND p.first_of_corporation AND p."timestamp" >= $2 AND p."timestamp" < $3
),
mails AS MATERIALIZED (
  SELECT m.killmail_id, m."timestamp", m.is_loss, m.alliance_id, r.system_id, r.ship_type_id,
    r.ship_type_id = ANY ($4::bigint[]) AS is_pod, e.npc, e.isk_value
  FROM mine m
  JOIN killmails_raw r
    ON r.killmail_id = m.killmail_id AND r."timestamp" = m."timestamp" AND r."timestamp" >= $2 AND r."timestamp" < $3
  JOIN killmails_enriched e
    ON e.killmail_id = m.killmail_id AND e."timestamp" = m."timestamp" AND e."timestamp" >= $2 AND e."timestamp" < $3
),
crew AS MATERIALIZED (
  SELECT p.killmail_id, p.character_id, p.ship_type_id
  FROM mine m
  JOIN killmail_participants p
    ON p.killmail_id = m.killmail_id AND p."timestamp" = m."timestamp" AND p."timestamp" >= $2 AND p."timestamp" < $3
  WHERE NOT m.is_loss AND p.corporation_id = $1 AND p.ordinal > 0
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
 FROM mails WHERE NOT is_loss GROUP BY system_id ORDER BY count(*) DESC, system_id LIMIT $6)
UNION ALL
(SELECT 'ship_lost', NULL, true, false, false, ship_type_id, count(*), NULL
 FROM mails WHERE is_loss GROUP BY ship_type_id ORDER BY count(*) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'ship_flown', NULL, false, false, false, ship_type_id, count(DISTINCT killmail_id), NULL
 FROM crew WHERE ship_type_id IS NOT NULL
 GROUP BY ship_type_id ORDER BY count(DISTINCT killmail_id) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'character', NULL, false, false, false, character_id, count(DISTINCT killmail_id), NULL
 FROM crew WHERE character_id IS NOT NULL
 GROUP BY character_id ORDER BY count(DISTINCT killmail_id) DESC, character_id LIMIT $6)
UNION ALL
(SELECT 'in_alliance', NULL, false, false, false, alliance_id, 1, NULL
 FROM mails ORDER BY "timestamp" DESC, killmail_id DESC LIMIT 1);
