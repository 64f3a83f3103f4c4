-- Who was there on these kills? Their keys, and the range of time they lie in, so that only its months are touched.
SELECT p.killmail_id, p.ordinal, p.character_id, p.corporation_id, p.alliance_id, p.ship_type_id
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmail_participants p
  ON p.killmail_id = k.killmail_id AND p."timestamp" = k."timestamp" AND p."timestamp" >= $3 AND p."timestamp" <= $4;
