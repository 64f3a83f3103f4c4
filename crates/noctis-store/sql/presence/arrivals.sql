-- Which kills arrived after this one, and are to be counted next?
SELECT arrival, killmail_id, "timestamp"
FROM killmail_registry
WHERE arrival > $1
ORDER BY arrival
LIMIT $2;
