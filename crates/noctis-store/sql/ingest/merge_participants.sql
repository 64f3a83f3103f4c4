-- Stores victims and attackers of the batch's new kills.
INSERT INTO killmail_participants (
  killmail_id, "timestamp", character_id, corporation_id, alliance_id, faction_id, ship_type_id, weapon_type_id,
  damage, ordinal, security_status, final_blow, first_of_corporation, first_of_alliance)
SELECT
  p.killmail_id, p."timestamp", p.character_id, p.corporation_id, p.alliance_id, p.faction_id, p.ship_type_id,
  p.weapon_type_id, p.damage, p.ordinal, p.security_status, p.final_blow, p.first_of_corporation, p.first_of_alliance
FROM pg_temp.staged_participants p
JOIN pg_temp.staged_new n ON n.killmail_id = p.killmail_id
ORDER BY p.killmail_id, p.ordinal;
