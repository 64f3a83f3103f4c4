-- Stages the bodies of a batch.
COPY pg_temp.staged_kills (
  position, killmail_id, "timestamp", system_id, ship_type_id, war_id, attacker_count, player_count, killmail_hash,
  raw_payload, item_type_ids)
FROM STDIN (FORMAT BINARY)
