-- The bodies of these kills. A range of time is given, so that only its months are touched.
SELECT r.killmail_id, r."timestamp", r.raw_payload::text
FROM killmails_raw r
WHERE r.killmail_id = ANY ($1)
  AND r."timestamp" >= $2
  AND r."timestamp" <= $3;
