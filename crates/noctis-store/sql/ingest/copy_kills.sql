-- Stages the killmails of a batch, body and enrichment in one row.
COPY pg_temp.staged_kills (
  position, killmail_id, "timestamp", system_id, ship_type_id, war_id, attacker_count, player_count, killmail_hash,
  raw_payload, points, npc, solo, awox, value_source, isk_value, fitted_value, dropped_value, destroyed_value,
  labels, module_tags, enrichment_blob)
FROM STDIN (FORMAT BINARY)
