-- Which sessions hold any lock on these tables?
SELECT DISTINCT
  a.pid,
  COALESCE(a.application_name, '') AS application,
  left(COALESCE(a.query, ''), 80)  AS query,
  l.mode
FROM pg_locks l
JOIN pg_class c         ON c.oid = l.relation
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE c.relname = ANY ($1)
  AND l.granted
  AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY a.pid, l.mode;
