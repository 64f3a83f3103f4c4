-- Stages victims and attackers of a batch.
COPY pg_temp.staged_participants (
  killmail_id, "timestamp", character_id, corporation_id, alliance_id, faction_id, ship_type_id, weapon_type_id,
  damage, ordinal, security_status, final_blow, first_of_corporation, first_of_alliance)
FROM STDIN (FORMAT BINARY)
