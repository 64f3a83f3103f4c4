-- Which kills of this range are in the tables, after this one in their order?
SELECT "timestamp", killmail_id
FROM killmails_raw
WHERE "timestamp" >= $1
  AND "timestamp" < $2
  AND ("timestamp", killmail_id) > ($3, $4)
ORDER BY "timestamp", killmail_id
LIMIT $5;
