-- What did this character kill and lose in this window: by month, the newest, and the most frequent systems and ships?
--
-- $1 who, $2 and $3 the window, $4 the types of capsules, $5 kills of the newest, $6 rows of each list. Should a mail name
-- the character among its attackers twice, it counts once.
WITH mine AS MATERIALIZED (
  SELECT DISTINCT ON (p."timestamp", p.killmail_id, p.ordinal = 0)
    p.killmail_id, p."timestamp", p.ordinal = 0 AS is_loss, p.ship_type_id AS flown, p.corporation_id, p.alliance_id
  FROM killmail_participants p
  WHERE p.character_id = $1 AND p."timestamp" >= $2 AND p."timestamp" < $3
  ORDER BY p."timestamp", p.killmail_id, p.ordinal = 0, p.ordinal
),
mails AS MATERIALIZED (
  SELECT m.killmail_id, m."timestamp", m.is_loss, m.flown, m.corporation_id, m.alliance_id, r.system_id, r.ship_type_id,
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
 FROM mails WHERE NOT is_loss GROUP BY system_id ORDER BY count(*) DESC, system_id LIMIT $6)
UNION ALL
(SELECT 'ship_lost', NULL, true, false, false, ship_type_id, count(*), NULL
 FROM mails WHERE is_loss GROUP BY ship_type_id ORDER BY count(*) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'ship_flown', NULL, false, false, false, flown, count(*), NULL
 FROM mails WHERE NOT is_loss AND flown IS NOT NULL GROUP BY flown ORDER BY count(*) DESC, flown LIMIT $6)
UNION ALL
(SELECT 'in_corporation', NULL, false, false, false, corporation_id, 1, NULL
 FROM mails ORDER BY "timestamp" DESC, killmail_id DESC LIMIT 1)
UNION ALL
(SELECT 'in_alliance', NULL, false, false, false, alliance_id, 1, NULL
 FROM mails ORDER BY "timestamp" DESC, killmail_id DESC LIMIT 1);
