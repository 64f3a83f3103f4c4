-- How many of the kills that are taken over were stored after they were registered? Only kills that were dropped are forgotten
-- and stored again: where nothing of this range was dropped, nothing is read.
SELECT count(*)
FROM adopted_ids a
JOIN killmails_raw r ON r.killmail_id = a.killmail_id AND r."timestamp" = a."timestamp"
WHERE r."timestamp" >= $1 AND r."timestamp" < $2
  AND EXISTS (SELECT FROM dropped_ranges d WHERE d.range_from < $2 AND d.range_to > $1);
