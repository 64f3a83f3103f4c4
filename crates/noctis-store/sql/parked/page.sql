-- The next parked inputs to try again, oldest first: at most $4 of them, and of those only as many as have $5 bytes
-- together, but always one.
SELECT parked_id, killmail_id, source, bytes
FROM (
  SELECT parked_id, killmail_id, source, bytes,
    sum(octet_length(bytes)) OVER (ORDER BY parked_id) - octet_length(bytes) AS bytes_before
  FROM (
    SELECT parked_id, killmail_id, source, bytes
    FROM killmails_parked
    WHERE parked_id > $1
      AND ($2::text IS NULL OR reason = $2)
      AND ($3::bigint[] IS NULL OR parked_id = ANY ($3))
    ORDER BY parked_id
    LIMIT $4
  ) AS next
) AS counted
WHERE bytes_before < $5
ORDER BY parked_id;
