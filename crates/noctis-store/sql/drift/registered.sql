-- How many kills are registered, and how many stored, before, between and after these points of time ($1)? It reads every
-- line of the registry and the key of every kill in the tables: no bound of time would leave nothing out.
SELECT
  COALESCE(r.slot, s.slot)   AS slot,
  COALESCE(r.kills, 0)       AS registered,
  COALESCE(s.kills, 0)       AS stored
FROM (
  SELECT width_bucket(k."timestamp", $1::timestamptz[]) AS slot, count(*) AS kills
  FROM killmail_registry k
  GROUP BY 1
) r
FULL JOIN (
  SELECT width_bucket(w."timestamp", $1::timestamptz[]) AS slot, count(*) AS kills
  FROM killmails_raw w
  GROUP BY 1
) s ON s.slot = r.slot
ORDER BY 1;
