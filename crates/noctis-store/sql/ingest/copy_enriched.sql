-- Stores the enrichment of the batch's new kills.
COPY killmails_enriched (
  killmail_id, "timestamp", points, npc, solo, awox, value_source, isk_value, fitted_value, dropped_value,
  destroyed_value, own_value, unpriced_count, price_date, labels, module_tags, enrichment_blob)
FROM STDIN (FORMAT BINARY)
