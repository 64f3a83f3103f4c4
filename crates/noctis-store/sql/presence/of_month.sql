-- Which kills of this range of time that are counted come next by id?
SELECT "timestamp", killmail_id
FROM killmail_registry
WHERE killmail_id > $1
  AND "timestamp" >= $2
  AND "timestamp" < $3
  AND arrival > 0
  AND arrival <= $4
ORDER BY killmail_id
LIMIT $5;
