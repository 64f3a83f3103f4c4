-- Which of these tables is a VACUUM at work on, and in which session? PostgreSQL tells that without any lock.
SELECT c.relname::text, v.pid
FROM pg_stat_progress_vacuum v
JOIN pg_class c ON c.oid = v.relid
WHERE v.datname = current_database()
  AND c.oid = ANY (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)
ORDER BY v.pid
LIMIT 1;
