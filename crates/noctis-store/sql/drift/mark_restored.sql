-- Notes that the kills of a part are in the tables again.
UPDATE archive_parts
SET state = 'restored', moved_at = now()
WHERE month = $1
  AND part = $2
  AND state = 'cold';
