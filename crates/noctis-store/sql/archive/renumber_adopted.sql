-- Takes their number from kills that are taken over and had been dropped: they arrive again, and are counted again.
UPDATE killmail_registry g
SET arrival = 0
FROM adopted_ids a
WHERE g.killmail_id = a.killmail_id
  AND EXISTS (
    SELECT FROM dropped_ranges d
    WHERE g."timestamp" >= d.range_from AND g."timestamp" < d.range_to AND g.arrival <= d.arrival_max);
