-- Enters kills that are taken over, of these places ($1 < place <= $2), into the registry, as far as they are not in it. Their
-- number is given once their part answers; until then it is 0, which nobody who reads by arrival comes to.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT a.killmail_id, a."timestamp", 0
FROM adopted_ids a
WHERE a.place > $1 AND a.place <= $2
  AND NOT EXISTS (SELECT FROM killmail_registry g WHERE g.killmail_id = a.killmail_id)
ORDER BY a.killmail_id;
