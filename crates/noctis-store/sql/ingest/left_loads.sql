-- Which tables were being loaded by a session that is gone? They hold nothing: what was loaded was never committed.
SELECT c.relname::text
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind = 'r'
  AND c.relname ~ '^loading_[0-9]{1,9}_killmail'
  AND NOT EXISTS (
    SELECT FROM pg_stat_activity a
    WHERE a.pid = substring(c.relname FROM '^loading_([0-9]{1,9})_')::integer)
ORDER BY 1;
