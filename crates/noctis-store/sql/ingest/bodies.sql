-- The bodies of these kills. Each is looked up in its month; a range of time is given, so that planning touches no other.
SELECT r.killmail_id, r."timestamp", r.raw_payload::text
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmails_raw r ON r.killmail_id = k.killmail_id AND r."timestamp" = k."timestamp"
WHERE r."timestamp" >= $3
  AND r."timestamp" <= $4;
