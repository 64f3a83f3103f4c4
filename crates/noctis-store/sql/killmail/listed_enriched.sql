-- What does a list show of these kills that they were enriched with? Ids, and the range of time they lie in, so that only its month
-- is touched.
SELECT
  e.killmail_id,
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
  e.module_tags
FROM killmails_enriched e
WHERE e.killmail_id = ANY ($1)
  AND e."timestamp" >= $2
  AND e."timestamp" <= $3;
