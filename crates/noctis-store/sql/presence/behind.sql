-- How many kills have arrived that are not counted, about, and how many changes wait, as far as $1?
SELECT
  GREATEST(COALESCE((SELECT max(arrival) FROM killmail_registry), 0) - arrival, 0) AS kills,
  (SELECT count(*) FROM (SELECT FROM presence_changes LIMIT $1) AS waiting)        AS changes
FROM presence_counted;
