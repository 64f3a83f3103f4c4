-- What does a list show of these kills? Their keys, and the range of time they lie in, so that only its months are touched.
SELECT
  r.killmail_id,
  r."timestamp",
  r.killmail_hash,
  r.inserted_at,
  r.system_id,
  r.ship_type_id,
  r.war_id,
  r.attacker_count,
  r.player_count,
  e.isk_value,
  e.fitted_value,
  e.dropped_value,
  e.destroyed_value,
  e.value_source,
  e.own_value,
  (e.enrichment_blob -> 'zkb' ->> 'totalValue')::numeric AS zkb_value,
  e.unpriced_count,
  e.price_date,
  e.points,
  e.npc,
  e.solo,
  e.awox,
  e.labels,
  e.module_tags,
  v.character_id   AS victim_character_id,
  v.corporation_id AS victim_corporation_id,
  v.alliance_id    AS victim_alliance_id,
  v.faction_id     AS victim_faction_id,
  f.ordinal        AS final_ordinal,
  f.character_id   AS final_character_id,
  f.corporation_id AS final_corporation_id,
  f.alliance_id    AS final_alliance_id,
  f.faction_id     AS final_faction_id,
  f.ship_type_id   AS final_ship_type_id,
  f.weapon_type_id AS final_weapon_type_id
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmails_raw r
  ON r.killmail_id = k.killmail_id AND r."timestamp" = k."timestamp" AND r."timestamp" >= $3 AND r."timestamp" <= $4
JOIN killmails_enriched e
  ON e.killmail_id = k.killmail_id AND e."timestamp" = k."timestamp" AND e."timestamp" >= $3 AND e."timestamp" <= $4
JOIN killmail_participants v
  ON v.killmail_id = k.killmail_id AND v."timestamp" = k."timestamp" AND v."timestamp" >= $3 AND v."timestamp" <= $4
 AND v.ordinal = 0
LEFT JOIN killmail_participants f
  ON f.killmail_id = k.killmail_id AND f."timestamp" = k."timestamp" AND f."timestamp" >= $3 AND f."timestamp" <= $4
 AND f.final_blow;
