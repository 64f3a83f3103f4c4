-- What does a store hold, by where it is? Ranges, the first of them and the end of the last.
SELECT state::text, count(*), min(range_from), max(range_to)
FROM eve.coverage
GROUP BY state
ORDER BY state DESC;
