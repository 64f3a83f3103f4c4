-- What were the kills of this range of time that have changed, when they were counted?
SELECT DISTINCT ON (killmail_id) killmail_id, npc, isk_value
FROM presence_changes
WHERE "timestamp" >= $1
  AND "timestamp" < $2
ORDER BY killmail_id, change;
