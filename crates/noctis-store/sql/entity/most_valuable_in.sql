-- What were the most valuable kills of this time in these systems?
--
-- $1 and $2 the time, $3 rows, $4 the systems of a region. Of an id and a time that are equal the planner would expect next to
-- nothing, and sort the month (docs/decisions/0050).
SELECT e."timestamp", e.killmail_id
FROM killmails_enriched e
JOIN killmails_raw r
  ON r.killmail_id = e.killmail_id AND r."timestamp" >= e."timestamp" AND r."timestamp" <= e."timestamp"
 AND r."timestamp" >= $1 AND r."timestamp" < $2
WHERE e."timestamp" >= $1 AND e."timestamp" < $2 AND e.isk_value IS NOT NULL AND r.system_id = ANY ($4::bigint[])
ORDER BY e.isk_value DESC, e."timestamp" DESC, e.killmail_id DESC
LIMIT $3;
