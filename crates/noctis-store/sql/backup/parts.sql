-- Which parts of the archive hold kills that answer, or are about to?
SELECT manifest
FROM archive_parts
WHERE state IN ('verified', 'cold')
ORDER BY month, part;
