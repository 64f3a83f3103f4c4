-- What did these ($1) do on these days and in the month altogether?
--
-- $2 the kind, $3 and $4 the days, $5 the month, $6 whether it is their losses.
SELECT s.entity_id, sum(s.mails) AS mails, sum(s.isk) AS isk
FROM (
  SELECT p.entity_id, CASE WHEN $6 THEN p.losses ELSE p.kills END AS mails,
    CASE WHEN $6 THEN p.isk_lost ELSE p.isk_destroyed END AS isk
  FROM presence_days p
  WHERE p.entity_id = ANY ($1::bigint[])
    AND p.kind = $2::smallint
    AND p.day >= $3::date
    AND p.day < $4::date
  UNION ALL
  SELECT p.entity_id, CASE WHEN $6 THEN p.losses ELSE p.kills END, CASE WHEN $6 THEN p.isk_lost ELSE p.isk_destroyed END
  FROM presence p
  WHERE p.entity_id = ANY ($1::bigint[])
    AND p.kind = $2::smallint
    AND p.month = $5::date
) s
GROUP BY s.entity_id;
