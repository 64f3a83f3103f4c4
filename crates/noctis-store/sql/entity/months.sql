-- What is counted of somebody, month by month?
SELECT month, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost
FROM presence
WHERE entity_id = $1
  AND kind = $2;
