-- What is counted by month, from the one to before the other?
SELECT
  entity_id, kind, month AS date, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost
FROM presence
WHERE month >= $1
  AND month < $2
ORDER BY kind, entity_id, month;
