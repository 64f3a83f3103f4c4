-- Who was lost on these kills, and who fired last? Ids, and the range of time they lie in, so that only its month is touched.
SELECT
  p.killmail_id,
  p.ordinal,
  p.final_blow,
  p.character_id,
  p.corporation_id,
  p.alliance_id,
  p.faction_id,
  p.ship_type_id,
  p.weapon_type_id
FROM killmail_participants p
WHERE p.killmail_id = ANY ($1)
  AND p."timestamp" >= $2
  AND p."timestamp" <= $3
  AND (p.ordinal = 0 OR p.final_blow);
