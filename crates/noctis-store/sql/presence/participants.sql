-- Who was there on these kills? Ids, and the range of time they lie in, so that only its month is touched.
SELECT p.killmail_id, p.ordinal, p.character_id, p.corporation_id, p.alliance_id, p.ship_type_id
FROM killmail_participants p
WHERE p.killmail_id = ANY ($1)
  AND p."timestamp" >= $2
  AND p."timestamp" <= $3;
