-- Of every kind that can be asked for, who is on the most mails of a time, who on as many as a mention taken at random, who on the fewest?
WITH counted (kind, id, mails) AS (
  SELECT 'character', p.character_id::text, count(*)
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.character_id IS NOT NULL
  GROUP BY p.character_id
  UNION ALL
  SELECT 'corporation', p.corporation_id::text, count(*)
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.corporation_id IS NOT NULL
    AND p.first_of_corporation
  GROUP BY p.corporation_id
  UNION ALL
  SELECT 'alliance', p.alliance_id::text, count(*)
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.alliance_id IS NOT NULL
    AND p.first_of_alliance
  GROUP BY p.alliance_id
  UNION ALL
  SELECT 'pod', min(p.killmail_id)::text, count(*)
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.character_id IS NOT NULL AND p.ordinal = 0
  GROUP BY p.character_id
  UNION ALL
  SELECT of.kind, of.id::text, count(*)
  FROM killmails_raw r
  LEFT JOIN systems s ON s.eve_id = r.system_id
  LEFT JOIN types t ON t.type_id = r.ship_type_id
  CROSS JOIN LATERAL (
    VALUES
      ('system', r.system_id),
      ('constellation', s.constellation_id),
      ('region', s.region_id),
      ('ship', r.ship_type_id),
      ('group', t.group_id)
  ) AS of (kind, id)
  WHERE r."timestamp" >= $1 AND r."timestamp" < $2 AND of.id IS NOT NULL
  GROUP BY of.kind, of.id
  UNION ALL
  SELECT 'kill', r.killmail_id::text, r.attacker_count
  FROM killmails_raw r
  WHERE r."timestamp" >= $1 AND r."timestamp" < $2
  UNION ALL
  SELECT 'battle', min(r.killmail_id)::text, count(*)
  FROM killmails_raw r
  WHERE r."timestamp" >= $1 AND r."timestamp" < $2
  GROUP BY r.system_id, date_trunc('hour', r."timestamp")
  UNION ALL
  SELECT 'item_type', i.type_id::text, count(*)
  FROM killmails_raw r
  CROSS JOIN LATERAL unnest(r.item_type_ids) AS i (type_id)
  WHERE r."timestamp" >= $1 AND r."timestamp" < $2
  GROUP BY i.type_id
  UNION ALL
  SELECT 'tag', m.tag, count(*)
  FROM killmails_enriched e
  CROSS JOIN LATERAL unnest(e.module_tags) AS m (tag)
  WHERE e."timestamp" >= $1 AND e."timestamp" < $2
  GROUP BY m.tag
),
ranked AS (
  SELECT
    kind,
    id,
    row_number() OVER (PARTITION BY kind ORDER BY mails DESC, id) AS place,
    row_number() OVER (PARTITION BY kind ORDER BY mails, id) AS place_from_last,
    sum(mails) OVER (PARTITION BY kind ORDER BY mails DESC, id) AS mails_so_far,
    mails,
    sum(mails) OVER (PARTITION BY kind) AS mails_all
  FROM counted
)
SELECT kind, 'busiest' AS rank, id FROM ranked WHERE place = 1
UNION ALL
SELECT kind, 'typical', id FROM ranked WHERE mails_so_far * 2 >= mails_all AND (mails_so_far - mails) * 2 < mails_all
UNION ALL
SELECT kind, 'rare', id FROM ranked WHERE place_from_last = 1
ORDER BY kind, rank;
