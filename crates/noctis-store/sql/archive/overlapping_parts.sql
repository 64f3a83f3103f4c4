-- Which parts that answer, or are about to, have kills in this range?
SELECT month, part FROM archive_parts
WHERE state IN ('verified', 'cold') AND range_from < $2 AND range_to > $1
ORDER BY month, part;
