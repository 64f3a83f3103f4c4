-- In which months is something of each list on a mail, and in which are kills that are not counted as they are (list null)?
--
-- One entry for each entity: $1 the number of its list, $2 its kind, $3 its id, $4 its side (1 kills, 2 losses, 3 both). One for each
-- trace: $5 the number of its list, $6 its kind, $7 its text. $8 kills that are not counted, at most, and as many changes.
SELECT l.list, p.month, count(*) AS rows
FROM unnest($1::integer[], $2::smallint[], $3::bigint[], $4::smallint[]) AS l (list, kind, id, side)
JOIN presence p ON p.entity_id = l.id AND p.kind = l.kind
WHERE (l.side & 1 <> 0 AND p.kills <> 0) OR (l.side & 2 <> 0 AND p.losses <> 0)
GROUP BY l.list, p.month
UNION ALL
SELECT l.list, t.month, count(*)
FROM unnest($5::integer[], $6::smallint[], $7::text[]) AS l (list, kind, trace)
JOIN presence_traces t ON t.kind = l.kind AND t.trace = l.trace
GROUP BY l.list, t.month
UNION ALL
SELECT NULL, date_trunc('month', u."timestamp" AT TIME ZONE 'UTC')::date AS month, count(*)
FROM (
  (SELECT g."timestamp"
   FROM killmail_registry g
   WHERE g.arrival > (SELECT c.arrival FROM presence_counted c)
   ORDER BY g.arrival
   LIMIT $8)
  UNION ALL
  (SELECT x."timestamp" FROM presence_changes x LIMIT $8)
) u
GROUP BY month;
