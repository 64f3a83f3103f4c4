-- Which alliances have the most kills, losses or ISK destroyed within this time?
--
-- $1 and $2 the time, $3 whether losses are counted instead of kills, $4 whether ISK decides the order, $5 rows, all where it is null. Of each
-- alliance the first row of a mail is marked, so no kill counts twice.
WITH shares AS (
  SELECT p.alliance_id AS id, p.killmail_id, p."timestamp"
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND (p.ordinal = 0) = $3 AND p.first_of_alliance
    AND p.alliance_id IS NOT NULL
)
SELECT s.id, count(*) AS mails, COALESCE(sum(e.isk_value), 0) AS isk
FROM shares s
JOIN killmails_enriched e
  ON e.killmail_id = s.killmail_id AND e."timestamp" = s."timestamp" AND e."timestamp" >= $1 AND e."timestamp" < $2
GROUP BY s.id
ORDER BY CASE WHEN $4 THEN COALESCE(sum(e.isk_value), 0) ELSE count(*) END DESC, count(*) DESC, s.id
LIMIT $5;
