-- What migration 0011 brought: a pilot's month and day, a tag's month, and a kill whose worth has changed since.
UPDATE presence_counted SET arrival = 1;
INSERT INTO presence (entity_id, month, kind, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost)
VALUES (95465499, '2025-06-01', 1, 1, 0, 0, 0, 0, 0, 12345.67, 0);
INSERT INTO presence_days (entity_id, day, kind, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, isk_destroyed, isk_lost)
VALUES (95465499, '2025-06-30', 1, 1, 0, 0, 0, 0, 0, 12345.67, 0);
INSERT INTO presence_traces (kind, trace, month) VALUES (3, 'T2 Guns', '2025-06-01');
INSERT INTO presence_changes (killmail_id, "timestamp", npc, isk_value) VALUES (1, '2025-06-30+00', false, 1.00);
