-- Adds to what is counted by day, column by column; the rows are in the order of the key.
INSERT INTO presence_days AS there (
  entity_id, kind, day, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost)
SELECT
  entity_id, kind, day, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost
FROM unnest(
  $1::bigint[], $2::smallint[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
  $10::numeric[], $11::numeric[]
) AS new (entity_id, kind, day, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost)
ON CONFLICT (entity_id, kind, day) DO UPDATE
SET kills = there.kills + EXCLUDED.kills,
    pod_kills = there.pod_kills + EXCLUDED.pod_kills,
    npc_kills = there.npc_kills + EXCLUDED.npc_kills,
    losses = there.losses + EXCLUDED.losses,
    pod_losses = there.pod_losses + EXCLUDED.pod_losses,
    npc_losses = there.npc_losses + EXCLUDED.npc_losses,
    isk_destroyed = there.isk_destroyed + EXCLUDED.isk_destroyed,
    isk_lost = there.isk_lost + EXCLUDED.isk_lost;
