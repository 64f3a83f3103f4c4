-- One parked input, whole.
SELECT parked_id, reason, killmail_id, detail, source, octet_length(bytes)::bigint, parked_at, bytes
FROM killmails_parked
WHERE parked_id = $1;
