-- What do the counts not hold as it is: kills that arrived later, and what was counted of those that changed since, the oldest
-- change of each first? A row without a kill says how far it is counted where nothing is left.
--
-- $1 rows of either at most.
SELECT c.arrival, c.days_from, p.killmail_id, p."timestamp", p.is_new, p.npc, p.isk_value
FROM presence_counted c
LEFT JOIN LATERAL (
  (SELECT g.killmail_id, g."timestamp", true AS is_new, NULL::boolean AS npc, NULL::numeric AS isk_value, NULL::bigint AS change
   FROM killmail_registry g
   WHERE g.arrival > c.arrival
   ORDER BY g.arrival
   LIMIT $1)
  UNION ALL
  (SELECT x.killmail_id, x."timestamp", false, x.npc, x.isk_value, x.change
   FROM (SELECT killmail_id, "timestamp", npc, isk_value, change FROM presence_changes ORDER BY killmail_id, change LIMIT $1) x
   JOIN killmail_registry g ON g.killmail_id = x.killmail_id
   WHERE g.arrival <= c.arrival)
) p ON true
ORDER BY p.killmail_id, p.change;
