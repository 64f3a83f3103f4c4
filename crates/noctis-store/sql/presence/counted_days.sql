-- What is counted by day, from the one to before the other?
SELECT
  entity_id, kind, day AS date, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost
FROM presence_days
WHERE day >= $1
  AND day < $2
ORDER BY kind, entity_id, day;
