-- What ships, systems and regions did in the last two years of kills.
SELECT kind, entity_id, sum(kills + losses)::bigint AS activity
FROM presence
WHERE kind IN (4, 6, 8)
  AND month > (SELECT max(month) FROM presence) - interval '24 months'
GROUP BY kind, entity_id;
