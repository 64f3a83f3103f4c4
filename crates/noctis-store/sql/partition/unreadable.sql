-- Which leaves of the group cannot be read now: because somebody has them for himself alone, or they are a stranger's?
SELECT leaf.relname::text
FROM pg_inherits i
JOIN pg_class parent ON parent.oid = i.inhparent
JOIN pg_namespace n  ON n.oid = parent.relnamespace
JOIN pg_class leaf   ON leaf.oid = i.inhrelid
WHERE n.nspname = 'public'
  AND parent.relname = ANY ($1)
  AND (
    NOT has_table_privilege(leaf.oid, 'SELECT')
    OR EXISTS (
      SELECT FROM pg_locks l
      WHERE l.relation = leaf.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())));
