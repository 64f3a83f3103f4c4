-- So many ids of kills, spread evenly over the kills of a time.
SELECT killmail_id
FROM (
  SELECT
    r.killmail_id,
    row_number() OVER (ORDER BY r."timestamp", r.killmail_id) AS place,
    count(*) OVER () AS kills
  FROM killmails_raw r
  WHERE r."timestamp" >= $1 AND r."timestamp" < $2
) AS counted
WHERE place % greatest(kills / $3, 1) = 0
LIMIT $3;
