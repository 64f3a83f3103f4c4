-- Numbers kills that were taken over ($1 at most) on from the last arrival, as ingest/register.sql does, in the order of their
-- time: now they are to be had.
UPDATE killmail_registry g
SET arrival = last.arrival + next.place
FROM (
  SELECT taken.killmail_id, row_number() OVER (ORDER BY taken."timestamp", taken.killmail_id) AS place
  FROM (SELECT killmail_id, "timestamp" FROM killmail_registry WHERE arrival = 0 LIMIT $1) taken
) next,
(
  SELECT GREATEST(
    (SELECT max(arrival) FROM killmail_registry),
    (SELECT max(arrival_max) FROM dropped_ranges)
  ) AS arrival
) last
WHERE g.killmail_id = next.killmail_id;
