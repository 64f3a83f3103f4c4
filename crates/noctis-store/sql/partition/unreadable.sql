-- Which leaves of the group cannot be read now: because somebody has them for himself alone, or they are a stranger's? Such a one
-- may let us read; it is told in any case.
SELECT
  leaf.relname::text                                             AS name,
  NOT pg_has_role(leaf.relowner, 'USAGE')                        AS is_strangers,
  NOT has_table_privilege(leaf.oid, 'SELECT') OR locked.by_other AS is_unreadable
FROM pg_inherits i
JOIN pg_class parent ON parent.oid = i.inhparent
JOIN pg_namespace n  ON n.oid = parent.relnamespace
JOIN pg_class leaf   ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT EXISTS (
    SELECT FROM pg_locks l
    WHERE l.relation = leaf.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS by_other
) locked
WHERE n.nspname = 'public'
  AND parent.relname = ANY ($1)
  AND (NOT has_table_privilege(leaf.oid, 'SELECT') OR NOT pg_has_role(leaf.relowner, 'USAGE') OR locked.by_other);
