-- A part begins to answer, or ends.
UPDATE archive_parts SET state = $3, moved_at = now() WHERE month = $1 AND part = $2;
