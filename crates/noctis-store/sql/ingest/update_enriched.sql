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
    own_value = $12,
    unpriced_count = $13,
    price_date = $14,
    labels = $15,
    module_tags = $16,
    enrichment_blob = $17,
    enriched_at = now()
WHERE killmail_id = $1
  AND "timestamp" = $2;
