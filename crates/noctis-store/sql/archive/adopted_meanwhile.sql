-- How many kills of these places ($3 < place <= $4) were stored since they were looked at, in the tables or under another time?
-- A range of time is given.
SELECT count(*)
FROM adopted_ids a
LEFT JOIN killmails_raw r
  ON r.killmail_id = a.killmail_id AND r."timestamp" = a."timestamp" AND r."timestamp" >= $1 AND r."timestamp" <= $2
LEFT JOIN killmail_registry g ON g.killmail_id = a.killmail_id
WHERE a.place > $3 AND a.place <= $4
  AND (r.killmail_id IS NOT NULL OR g."timestamp" <> a."timestamp");
