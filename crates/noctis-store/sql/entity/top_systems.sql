-- In which systems was most lost within this time, by number or by ISK?
--
-- $1 and $2 the time, $3 whether ISK decides the order, $4 rows, all where it is null.
SELECT r.system_id AS id, count(*) AS mails, COALESCE(sum(e.isk_value), 0) AS isk
FROM killmails_raw r
JOIN killmails_enriched e
  ON e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp" AND e."timestamp" >= $1 AND e."timestamp" < $2
WHERE r."timestamp" >= $1 AND r."timestamp" < $2
GROUP BY r.system_id
ORDER BY CASE WHEN $3 THEN COALESCE(sum(e.isk_value), 0) ELSE count(*) END DESC, count(*) DESC, r.system_id
LIMIT $4;
