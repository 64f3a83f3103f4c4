-- The inputs parked last, without their bytes.
SELECT parked_id, reason, killmail_id, detail, source, octet_length(bytes)::bigint, parked_at
FROM killmails_parked
WHERE $1::text IS NULL OR reason = $1
ORDER BY parked_id DESC
LIMIT $2;
