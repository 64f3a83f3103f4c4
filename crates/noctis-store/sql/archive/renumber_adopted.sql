-- Kills that were taken over and had been dropped arrive again: numbered on from the last, in the order of their time.
UPDATE killmail_registry g
SET arrival = again.arrival
FROM (
  SELECT
    a.killmail_id,
    (SELECT max(arrival) FROM killmail_registry) + row_number() OVER (ORDER BY a."timestamp", a.killmail_id) AS arrival
  FROM adopted_ids a
  JOIN killmail_registry r ON r.killmail_id = a.killmail_id
  WHERE EXISTS (
    SELECT FROM dropped_ranges d
    WHERE r."timestamp" >= d.range_from AND r."timestamp" < d.range_to AND r.arrival <= d.arrival_max)
) again
WHERE g.killmail_id = again.killmail_id;
