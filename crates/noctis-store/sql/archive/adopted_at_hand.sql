-- How many of the part's kills are in the tables too, or known under another time? A range of time is given.
SELECT
  (SELECT count(*)
   FROM adopted_kills a
   JOIN killmails_raw r ON r.killmail_id = a.killmail_id AND r."timestamp" = a."timestamp"
   WHERE r."timestamp" >= $1 AND r."timestamp" < $2)
  +
  (SELECT count(*)
   FROM adopted_kills a
   JOIN killmail_registry g ON g.killmail_id = a.killmail_id
   WHERE g."timestamp" <> a."timestamp");
