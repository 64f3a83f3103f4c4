-- Which ranges were dropped without an archive, and how many kills did they hold?
SELECT range_from, range_to, kills
FROM dropped_ranges
ORDER BY range_from;
