-- Which kills of this range of time come after this one, with their bodies and all that was added to them?
SELECT
  r.killmail_id,
  r."timestamp",
  r.raw_payload::text                                     AS body,
  e.xmin::text                                            AS version,
  e.points,
  e.npc,
  e.solo,
  e.awox,
  e.value_source,
  e.isk_value,
  e.fitted_value,
  e.dropped_value,
  e.destroyed_value,
  e.own_value,
  e.unpriced_count,
  e.labels,
  e.module_tags,
  e.enrichment_blob::text                                 AS blob,
  e.enrichment_blob ->> 'zkb'                             AS zkb,
  COALESCE((e.enrichment_blob ->> 'zkb_rank')::bigint, 0) AS zkb_rank
FROM (
  SELECT killmail_id, "timestamp", raw_payload
  FROM killmails_raw
  WHERE "timestamp" >= $1
    AND "timestamp" < $2
    AND ("timestamp", killmail_id) > ($3, $4)
  ORDER BY "timestamp", killmail_id
  LIMIT $5
) r
JOIN killmails_enriched e
  ON e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp" AND e."timestamp" >= $1 AND e."timestamp" < $2
ORDER BY r."timestamp", r.killmail_id;
