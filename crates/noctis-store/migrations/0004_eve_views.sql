-- The schema eve: views for people who write SQL. Their columns are a public contract.
--
-- A bound on killmail_time prunes all joined tables through partition-wise joins, which are switched on for the
-- database and for the role noctis_read. That needs all of the group's tables within one join problem, of which
-- PostgreSQL takes eight relations (join_collapse_limit): so only what people filter by is joined, and other names are
-- looked up one by one, as far as they are selected.

CREATE SCHEMA eve;

CREATE VIEW eve.kills AS
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
  r.war_id
FROM killmails_raw r
JOIN killmails_enriched e
  ON e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp"
JOIN killmail_participants v
  ON v.killmail_id = r.killmail_id AND v."timestamp" = r."timestamp" AND v.ordinal = 0
LEFT JOIN killmail_participants f
  ON f.killmail_id = r.killmail_id AND f."timestamp" = r."timestamp" AND f.final_blow
LEFT JOIN systems s ON s.eve_id = r.system_id
LEFT JOIN types t   ON t.type_id = r.ship_type_id;

CREATE VIEW eve.participants AS
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
  p.first_of_alliance
FROM killmail_participants p;

-- Containers' contents included, one level deep as in all real mails; container_type_id says in what a nested item lay.
CREATE VIEW eve.items AS
SELECT
  r.killmail_id,
  r."timestamp"                                AS killmail_time,
  i.container_type_id,
  (i.item ->> 'item_type_id')::numeric::bigint AS item_type_id,
  (SELECT n.name FROM types n WHERE n.type_id = (i.item ->> 'item_type_id')::numeric::bigint) AS item_type_name,
  (i.item ->> 'flag')::numeric::bigint         AS flag,
  (i.item ->> 'singleton')::numeric::bigint    AS singleton,
  COALESCE((i.item ->> 'quantity_dropped')::numeric::bigint, 0)   AS quantity_dropped,
  COALESCE((i.item ->> 'quantity_destroyed')::numeric::bigint, 0) AS quantity_destroyed
FROM killmails_raw r
CROSS JOIN LATERAL (
  SELECT NULL::bigint AS container_type_id, outer_item AS item
  FROM jsonb_array_elements(COALESCE(NULLIF(r.raw_payload #> '{victim,items}', 'null'), '[]')) outer_item
  UNION ALL
  SELECT (outer_item ->> 'item_type_id')::numeric::bigint, inner_item
  FROM jsonb_array_elements(COALESCE(NULLIF(r.raw_payload #> '{victim,items}', 'null'), '[]')) outer_item
  CROSS JOIN LATERAL jsonb_array_elements(COALESCE(NULLIF(outer_item -> 'items', 'null'), '[]')) inner_item
) i;

-- Which ranges of time are there. A range that is not listed holds nothing.
CREATE VIEW eve.coverage AS
SELECT
  (bounds.words)[1]::timestamptz AS range_from,
  (bounds.words)[2]::timestamptz AS range_to,
  'hot'::text                    AS state,
  leaf.relname::text             AS partition
FROM pg_inherits i
JOIN pg_class leaf ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(leaf.relpartbound, leaf.oid), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS words
) bounds
WHERE i.inhparent = 'killmails_raw'::regclass;
