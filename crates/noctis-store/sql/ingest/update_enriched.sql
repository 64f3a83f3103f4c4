-- Writes the enrichment of one stored kill anew.
UPDATE killmails_enriched
SET points = $3,
    npc = $4,
    solo = $5,
    awox = $6,
    value_source = $7,
    isk_value = $8,
    fitted_value = $9,
    dropped_value = $10,
    destroyed_value = $11,
    labels = $12,
    module_tags = $13,
    enrichment_blob = $14,
    enriched_at = now()
WHERE killmail_id = $1
  AND "timestamp" = $2;
