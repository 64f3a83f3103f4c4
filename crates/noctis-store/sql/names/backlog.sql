-- How many ids lack what, and how many of them could not have it when they were asked for?
SELECT wanted, kind, count(*) AS ids, count(reason) AS refused
FROM names_wanted
GROUP BY wanted, kind
ORDER BY wanted, kind;
