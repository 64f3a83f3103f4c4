-- Stores the enrichment of the batch's new kills.
INSERT INTO killmails_enriched (
  killmail_id, "timestamp", points, npc, solo, awox, value_source, isk_value, fitted_value, dropped_value,
  destroyed_value, labels, module_tags, enrichment_blob)
SELECT
  s.killmail_id, s."timestamp", s.points, s.npc, s.solo, s.awox, s.value_source, s.isk_value, s.fitted_value,
  s.dropped_value, s.destroyed_value, s.labels, s.module_tags, s.enrichment_blob
FROM pg_temp.staged_kills s
JOIN pg_temp.staged_new n ON n.killmail_id = s.killmail_id
ORDER BY s.killmail_id;
