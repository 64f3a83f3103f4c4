-- Forgets those of the staged kills that were dropped without an archive, so that they are stored as new ones. A range of time
-- is given for the batch, so that only its months are touched. What the archive may hold stays known.
DELETE FROM killmail_registry g
USING pg_temp.staged_kills s, dropped_ranges d
WHERE g.killmail_id = s.killmail_id
  AND g."timestamp" = s."timestamp"
  AND g."timestamp" >= d.range_from
  AND g."timestamp" < d.range_to
  AND g.arrival <= d.arrival_max
  AND NOT EXISTS (
    SELECT FROM archive_parts p
    WHERE p.state IN ('verified', 'cold') AND p.range_from <= s."timestamp" AND p.range_to > s."timestamp")
  AND NOT EXISTS (
    SELECT FROM killmails_raw r
    WHERE r.killmail_id = s.killmail_id AND r."timestamp" = s."timestamp" AND r."timestamp" >= $1 AND r."timestamp" <= $2);
