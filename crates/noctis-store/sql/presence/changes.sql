-- Which kills have changed since they were counted, or before, as they were then? By kill, the oldest change of each first.
SELECT c.killmail_id, c."timestamp", c.npc, c.isk_value, g.arrival
FROM presence_changes c
LEFT JOIN killmail_registry g ON g.killmail_id = c.killmail_id
ORDER BY c.killmail_id, c.change
LIMIT $1;
