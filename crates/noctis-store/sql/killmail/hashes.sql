-- What are the hashes of these kills? Ids, and the range of time they lie in, so that only its month is touched.
SELECT
  r.killmail_id,
  r.killmail_hash
FROM killmails_raw r
WHERE r.killmail_id = ANY ($1)
  AND r."timestamp" >= $2
  AND r."timestamp" <= $3;
