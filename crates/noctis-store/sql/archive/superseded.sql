-- Which parts were restored and have since gone to files again, within a later part?
SELECT old.manifest
FROM archive_parts old
WHERE old.state = 'restored'
  AND EXISTS (
    SELECT FROM archive_parts new
    WHERE new.state = 'cold'
      AND new.range_from <= old.range_from
      AND new.range_to >= old.range_to
      AND new.moved_at > old.moved_at)
ORDER BY old.month, old.part;
