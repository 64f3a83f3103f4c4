-- Which of these kills are not counted as they are: arrived after $2, or changed since, and what was counted of those then?
SELECT g.killmail_id, g."timestamp", g.arrival > $2 AS is_new, x.npc, x.isk_value
FROM killmail_registry g
LEFT JOIN LATERAL (
  SELECT c.npc, c.isk_value
  FROM presence_changes c
  WHERE c.killmail_id = g.killmail_id
  ORDER BY c.change
  LIMIT 1
) x ON g.arrival <= $2
WHERE g.killmail_id = ANY ($1::bigint[])
  AND (g.arrival > $2 OR x.npc IS NOT NULL);
