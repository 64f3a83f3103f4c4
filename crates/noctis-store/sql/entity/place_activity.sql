-- What was destroyed in these systems in this window: by month, the newest, and who and what was there most often?
--
-- $1 the systems, $2 and $3 the window, $4 the types of capsules, $5 kills of the newest, $6 rows of each list. Every kill
-- of a place is a kill there and no loss; the list of ships is of those lost, the others are of attackers,
-- NPC corporations (their range of ids) left out.
WITH mails AS MATERIALIZED (
  SELECT r.killmail_id, r."timestamp", r.system_id, r.ship_type_id,
    r.ship_type_id = ANY ($4::bigint[]) AS is_pod, e.npc, e.isk_value
  FROM killmails_raw r
  JOIN killmails_enriched e
    ON e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp" AND e."timestamp" >= $2 AND e."timestamp" < $3
  WHERE r.system_id = ANY ($1::bigint[]) AND r."timestamp" >= $2 AND r."timestamp" < $3
),
crew AS MATERIALIZED (
  SELECT p.killmail_id, p.character_id, p.corporation_id, p.alliance_id, p.first_of_corporation, p.first_of_alliance
  FROM mails m
  JOIN killmail_participants p
    ON p.killmail_id = m.killmail_id AND p."timestamp" = m."timestamp" AND p."timestamp" >= $2 AND p."timestamp" < $3
  WHERE p.ordinal > 0
)
SELECT 'month' AS part, date_trunc('month', "timestamp", 'UTC') AS at, false AS is_loss, npc, is_pod,
  NULL::bigint AS id, count(*) AS mails, sum(isk_value) AS isk
FROM mails
GROUP BY at, npc, is_pod
UNION ALL
(SELECT 'newest', "timestamp", false, npc, is_pod, killmail_id, 1, isk_value
 FROM mails ORDER BY "timestamp" DESC, killmail_id DESC LIMIT $5)
UNION ALL
(SELECT 'system', NULL, false, false, false, system_id, count(*), NULL
 FROM mails GROUP BY system_id ORDER BY count(*) DESC, system_id LIMIT $6)
UNION ALL
(SELECT 'ship_lost', NULL, true, false, false, ship_type_id, count(*), NULL
 FROM mails GROUP BY ship_type_id ORDER BY count(*) DESC, ship_type_id LIMIT $6)
UNION ALL
(SELECT 'character', NULL, false, false, false, character_id, count(DISTINCT killmail_id), NULL
 FROM crew WHERE character_id IS NOT NULL
 GROUP BY character_id ORDER BY count(DISTINCT killmail_id) DESC, character_id LIMIT $6)
UNION ALL
(SELECT 'corporation', NULL, false, false, false, corporation_id, count(*), NULL
 FROM crew WHERE corporation_id NOT BETWEEN 1000000 AND 1999999 AND first_of_corporation
 GROUP BY corporation_id ORDER BY count(*) DESC, corporation_id LIMIT $6)
UNION ALL
(SELECT 'alliance', NULL, false, false, false, alliance_id, count(*), NULL
 FROM crew WHERE alliance_id IS NOT NULL AND first_of_alliance
 GROUP BY alliance_id ORDER BY count(*) DESC, alliance_id LIMIT $6);
