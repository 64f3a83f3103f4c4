-- Stores victims and attackers of the batch's new kills.
COPY killmail_participants (
  killmail_id, "timestamp", character_id, corporation_id, alliance_id, faction_id, ship_type_id, weapon_type_id,
  damage, ordinal, security_status, final_blow, first_of_corporation, first_of_alliance)
FROM STDIN (FORMAT BINARY)
