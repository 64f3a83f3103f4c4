-- How many kills are registered, how many of these had arrived when their range was dropped, and how many are stored, before,
-- between and after these points of time ($1)? It reads every line of the registry and the key of every kill in the tables:
-- no bound of time would leave nothing out. Where nothing was dropped, no line is looked up among the dropped.
SELECT
  COALESCE(r.slot, s.slot)   AS slot,
  COALESCE(r.kills, 0)       AS registered,
  COALESCE(r.dropped, 0)     AS dropped,
  COALESCE(s.kills, 0)       AS stored
FROM (
  SELECT
    width_bucket(k."timestamp", $1::timestamptz[]) AS slot,
    count(*) AS kills,
    count(*) FILTER (
      WHERE k.arrival <= (SELECT COALESCE(max(arrival_max), 0) FROM dropped_ranges)
        AND EXISTS (
          SELECT FROM dropped_ranges d
          WHERE k."timestamp" >= d.range_from AND k."timestamp" < d.range_to AND k.arrival <= d.arrival_max)) AS dropped
  FROM killmail_registry k
  GROUP BY 1
) r
FULL JOIN (
  SELECT width_bucket(w."timestamp", $1::timestamptz[]) AS slot, count(*) AS kills
  FROM killmails_raw w
  GROUP BY 1
) s ON s.slot = r.slot
ORDER BY 1;
