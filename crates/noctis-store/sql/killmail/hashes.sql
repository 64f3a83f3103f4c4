-- What are the hashes of these kills? Their keys, and the range of time they lie in, so that only its months are touched.
SELECT
  r.killmail_id,
  r.killmail_hash
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmails_raw r
  ON r.killmail_id = k.killmail_id AND r."timestamp" = k."timestamp" AND r."timestamp" >= $3 AND r."timestamp" <= $4;
