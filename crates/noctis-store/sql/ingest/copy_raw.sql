-- Stores the bodies of kills that are known to be new.
COPY killmails_raw (
  killmail_id, "timestamp", system_id, ship_type_id, war_id, attacker_count, player_count, killmail_hash,
  raw_payload, item_type_ids)
FROM STDIN (FORMAT BINARY)
