-- Which names are taken by relations that are no leaves of the group?
SELECT c.relname::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public'
  AND NOT EXISTS (
    SELECT FROM pg_inherits i
    JOIN pg_class parent ON parent.oid = i.inhparent
    WHERE i.inhrelid = c.oid AND parent.relname = ANY ($1))
ORDER BY 1;
