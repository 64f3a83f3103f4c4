-- Which kills happened in this system about this time, the nearest in time first?
--
-- $1 the system, $2 and $3 the time around, $4 the moment itself, $5 rows.
SELECT r."timestamp", r.killmail_id
FROM killmails_raw r
WHERE r.system_id = $1 AND r."timestamp" >= $2 AND r."timestamp" < $3
ORDER BY GREATEST(r."timestamp" - $4::timestamptz, $4::timestamptz - r."timestamp"), r."timestamp", r.killmail_id
LIMIT $5;
