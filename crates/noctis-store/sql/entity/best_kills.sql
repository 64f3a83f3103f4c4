-- Of whom are kills at least $5 on one of these days, or in the month? Of each day and of the month the first $6, all where it
-- is null.
--
-- $1 the kind, $2 and $3 the days, $4 the month. NPC corporations (their range of ids) are left out.
SELECT t.entity_id
FROM generate_series($2::date, $3::date - 1, interval '1 day') AS d (day)
CROSS JOIN LATERAL (
  SELECT p.entity_id
  FROM presence_days p
  WHERE p.day = d.day::date
    AND p.kind = $1::smallint
    AND p.kills >= $5::bigint
    AND NOT (p.kind = 2 AND p.entity_id BETWEEN 1000000 AND 1999999)
  ORDER BY p.kills DESC
  LIMIT $6
) t
UNION
(SELECT p.entity_id
 FROM presence p
 WHERE p.month = $4
   AND p.kind = $1::smallint
   AND p.kills >= $5::bigint
   AND NOT (p.kind = 2 AND p.entity_id BETWEEN 1000000 AND 1999999)
 ORDER BY p.kills DESC
 LIMIT $6);
