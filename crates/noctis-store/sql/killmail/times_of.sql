-- Which of these kills are stored, within a range of time? From the registry, so that no month is searched.
SELECT g."timestamp", g.killmail_id
FROM killmail_registry g
WHERE g.killmail_id = ANY ($1::bigint[])
  AND g."timestamp" >= $2::timestamptz
  AND g."timestamp" < $3::timestamptz;
