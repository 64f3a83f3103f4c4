-- The schema eve, widened: what came since 0004 stands behind the columns that were there, in the order of its coming.
--
-- Nothing is joined that was not joined before (docs/decisions/0020): names, tickers and groups are looked up.

CREATE OR REPLACE VIEW eve.kills AS
SELECT
  r.killmail_id,
  encode(r.killmail_hash, 'hex') AS killmail_hash,
  r."timestamp"                  AS killmail_time,
  r.inserted_at                  AS received_at,
  r.system_id                    AS solar_system_id,
  s.name                         AS solar_system_name,
  s.security_status              AS security,
  s.constellation_id,
  s.constellation                AS constellation_name,
  s.region_id,
  s.region                       AS region_name,
  v.character_id                 AS victim_character_id,
  (SELECT n.name FROM characters n WHERE n.eve_id = v.character_id)     AS victim_character_name,
  v.corporation_id               AS victim_corporation_id,
  (SELECT n.name FROM corporations n WHERE n.eve_id = v.corporation_id) AS victim_corporation_name,
  v.alliance_id                  AS victim_alliance_id,
  (SELECT n.name FROM alliances n WHERE n.eve_id = v.alliance_id)       AS victim_alliance_name,
  v.faction_id                   AS victim_faction_id,
  r.ship_type_id,
  t.name                         AS ship_type_name,
  t.group_id                     AS ship_group_id,
  (SELECT g.name FROM type_groups g WHERE g.group_id = t.group_id)      AS ship_group_name,
  f.character_id                 AS final_blow_character_id,
  (SELECT n.name FROM characters n WHERE n.eve_id = f.character_id)     AS final_blow_character_name,
  f.corporation_id               AS final_blow_corporation_id,
  f.alliance_id                  AS final_blow_alliance_id,
  f.ship_type_id                 AS final_blow_ship_type_id,
  f.weapon_type_id               AS final_blow_weapon_type_id,
  r.attacker_count,
  r.player_count,
  e.isk_value                    AS value,
  e.fitted_value,
  e.dropped_value,
  e.destroyed_value,
  e.value_source,
  e.points,
  e.npc,
  e.solo,
  e.awox,
  e.labels,
  e.module_tags,
  r.war_id,
  v.damage                       AS victim_damage_taken,
  (SELECT n.ticker FROM corporations n WHERE n.eve_id = v.corporation_id) AS victim_corporation_ticker,
  (SELECT n.ticker FROM alliances n WHERE n.eve_id = v.alliance_id)       AS victim_alliance_ticker,
  (SELECT n.name FROM corporations n WHERE n.eve_id = f.corporation_id)   AS final_blow_corporation_name,
  (SELECT n.name FROM alliances n WHERE n.eve_id = f.alliance_id)         AS final_blow_alliance_name,
  f.faction_id                   AS final_blow_faction_id,
  (SELECT n.name FROM types n WHERE n.type_id = f.ship_type_id)           AS final_blow_ship_type_name,
  (SELECT n.name FROM types n WHERE n.type_id = f.weapon_type_id)         AS final_blow_weapon_type_name,
  e.own_value,
  e.unpriced_count,
  e.price_date,
  r.item_type_ids
FROM killmails_raw r
JOIN killmails_enriched e
  ON e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp"
JOIN killmail_participants v
  ON v.killmail_id = r.killmail_id AND v."timestamp" = r."timestamp" AND v.ordinal = 0
LEFT JOIN killmail_participants f
  ON f.killmail_id = r.killmail_id AND f."timestamp" = r."timestamp" AND f.final_blow
LEFT JOIN systems s ON s.eve_id = r.system_id
LEFT JOIN types t   ON t.type_id = r.ship_type_id;

CREATE OR REPLACE VIEW eve.participants AS
SELECT
  p.killmail_id,
  p."timestamp"                                               AS killmail_time,
  p.ordinal,
  CASE WHEN p.ordinal = 0 THEN 'victim' ELSE 'attacker' END   AS role,
  p.character_id,
  (SELECT n.name FROM characters n WHERE n.eve_id = p.character_id)      AS character_name,
  p.corporation_id,
  (SELECT n.name FROM corporations n WHERE n.eve_id = p.corporation_id)  AS corporation_name,
  p.alliance_id,
  (SELECT n.name FROM alliances n WHERE n.eve_id = p.alliance_id)        AS alliance_name,
  p.faction_id,
  p.ship_type_id,
  (SELECT n.name FROM types n WHERE n.type_id = p.ship_type_id)          AS ship_type_name,
  p.weapon_type_id,
  (SELECT n.name FROM types n WHERE n.type_id = p.weapon_type_id)        AS weapon_type_name,
  p.damage,
  p.final_blow,
  p.security_status,
  p.first_of_corporation,
  p.first_of_alliance,
  (SELECT n.ticker FROM corporations n WHERE n.eve_id = p.corporation_id) AS corporation_ticker,
  (SELECT n.ticker FROM alliances n WHERE n.eve_id = p.alliance_id)       AS alliance_ticker,
  (SELECT n.group_id FROM types n WHERE n.type_id = p.ship_type_id)       AS ship_group_id,
  (SELECT g.name FROM types n JOIN type_groups g ON g.group_id = n.group_id WHERE n.type_id = p.ship_type_id) AS ship_group_name
FROM killmail_participants p;

-- Fitted is what lay in a slot of the ship itself: low, middle, high, rigs, subsystems, services.
CREATE OR REPLACE VIEW eve.items AS
SELECT
  r.killmail_id,
  r."timestamp"                                AS killmail_time,
  i.container_type_id,
  (i.item ->> 'item_type_id')::numeric::bigint AS item_type_id,
  (SELECT n.name FROM types n WHERE n.type_id = (i.item ->> 'item_type_id')::numeric::bigint) AS item_type_name,
  (i.item ->> 'flag')::numeric::bigint         AS flag,
  (i.item ->> 'singleton')::numeric::bigint    AS singleton,
  COALESCE((i.item ->> 'quantity_dropped')::numeric::bigint, 0)   AS quantity_dropped,
  COALESCE((i.item ->> 'quantity_destroyed')::numeric::bigint, 0) AS quantity_destroyed,
  (SELECT g.name FROM types n JOIN type_groups g ON g.group_id = n.group_id
   WHERE n.type_id = (i.item ->> 'item_type_id')::numeric::bigint)  AS item_group_name,
  i.container_type_id IS NULL AND (
    (i.item ->> 'flag')::numeric BETWEEN 11 AND 34 OR (i.item ->> 'flag')::numeric BETWEEN 92 AND 99
    OR (i.item ->> 'flag')::numeric BETWEEN 125 AND 132 OR (i.item ->> 'flag')::numeric BETWEEN 164 AND 171
  )                                                                AS is_fitted
FROM killmails_raw r
CROSS JOIN LATERAL (
  SELECT NULL::bigint AS container_type_id, outer_item AS item
  FROM jsonb_array_elements(COALESCE(NULLIF(r.raw_payload #> '{victim,items}', 'null'), '[]')) outer_item
  UNION ALL
  SELECT (outer_item ->> 'item_type_id')::numeric::bigint, inner_item
  FROM jsonb_array_elements(COALESCE(NULLIF(r.raw_payload #> '{victim,items}', 'null'), '[]')) outer_item
  CROSS JOIN LATERAL jsonb_array_elements(COALESCE(NULLIF(outer_item -> 'items', 'null'), '[]')) inner_item
) i;
