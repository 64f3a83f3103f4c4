-- What were these kills worth, and what else are they found by? Ids, and the range of time they lie in, so that only its month is
-- touched.
SELECT e.killmail_id, e.npc, e.isk_value, e.labels, e.module_tags
FROM killmails_enriched e
WHERE e.killmail_id = ANY ($1)
  AND e."timestamp" >= $2
  AND e."timestamp" <= $3;
