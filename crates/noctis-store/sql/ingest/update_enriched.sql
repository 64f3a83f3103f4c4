-- Writes the enrichment of one stored kill anew. What is counted of it, or what it is found by, may change by that: then it is
-- noted as it was. The old
-- row is locked before it is read, so that of two who write the later one notes what the earlier wrote.
WITH before AS (
  SELECT e.killmail_id, e."timestamp", e.npc, e.isk_value, e.labels, e.module_tags
  FROM killmails_enriched e
  WHERE e.killmail_id = $1
    AND e."timestamp" = $2
  FOR NO KEY UPDATE
), noted AS (
  INSERT INTO presence_changes (killmail_id, "timestamp", npc, isk_value)
  SELECT before.killmail_id, before."timestamp", before.npc, before.isk_value
  FROM before
  WHERE (before.npc, before.isk_value, before.labels, before.module_tags) IS DISTINCT FROM ($4, $8, $15, $16)
)
UPDATE killmails_enriched e
SET points = $3,
    npc = $4,
    solo = $5,
    awox = $6,
    value_source = $7,
    isk_value = $8,
    fitted_value = $9,
    dropped_value = $10,
    destroyed_value = $11,
    own_value = $12,
    unpriced_count = $13,
    price_date = $14,
    labels = $15,
    module_tags = $16,
    enrichment_blob = $17,
    enriched_at = now()
FROM before
WHERE e.killmail_id = $1
  AND e."timestamp" = $2
  AND e.killmail_id = before.killmail_id;
