-- Which parts does the archive have, as far as the store knows, and where do they stand?
SELECT month, part, range_from, range_to, state
FROM archive_parts
ORDER BY month, part;
