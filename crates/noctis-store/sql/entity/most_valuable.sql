-- What were the most valuable kills of this time?
--
-- $1 and $2 the time, $3 rows. Each leaf's index on the value is walked from its top, so the cost is the page's and not the
-- month's; kills of unknown value are not in it.
SELECT e."timestamp", e.killmail_id
FROM killmails_enriched e
WHERE e."timestamp" >= $1 AND e."timestamp" < $2 AND e.isk_value IS NOT NULL
ORDER BY e.isk_value DESC, e."timestamp" DESC, e.killmail_id DESC
LIMIT $3;
