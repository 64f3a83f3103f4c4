-- Which ranges were dropped without an archive?
SELECT range_from, range_to
FROM dropped_ranges
ORDER BY range_from;
