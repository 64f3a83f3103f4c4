-- Where are the part's kills already? A range of time is given. In the tables (raw alone; whole and registered; their
-- participants), registered under another time, and registered, not in the tables, while a part of this time answers.
SELECT
  count(r.killmail_id)                                                                AS raw,
  count(*) FILTER (WHERE r.killmail_id IS NOT NULL AND e.killmail_id IS NOT NULL
                     AND g."timestamp" = a."timestamp")                               AS whole,
  (SELECT count(*)
   FROM adopted_kills b
   JOIN killmail_participants p ON p.killmail_id = b.killmail_id AND p."timestamp" = b."timestamp"
   WHERE p."timestamp" >= $1 AND p."timestamp" < $2)                                  AS participants,
  count(*) FILTER (WHERE g."timestamp" <> a."timestamp")                              AS of_another_time,
  count(*) FILTER (WHERE r.killmail_id IS NULL AND g."timestamp" = a."timestamp"
                     AND EXISTS (SELECT FROM archive_parts k
                                 WHERE k.state = 'cold'
                                   AND a."timestamp" >= k.range_from
                                   AND a."timestamp" < k.range_to))                   AS archived
FROM adopted_kills a
LEFT JOIN killmails_raw r
  ON r.killmail_id = a.killmail_id AND r."timestamp" = a."timestamp" AND r."timestamp" >= $1 AND r."timestamp" < $2
LEFT JOIN killmails_enriched e
  ON e.killmail_id = a.killmail_id AND e."timestamp" = a."timestamp" AND e."timestamp" >= $1 AND e."timestamp" < $2
LEFT JOIN killmail_registry g ON g.killmail_id = a.killmail_id;
