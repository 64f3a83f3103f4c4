-- What do the leaves of the group weigh? Asking waits for nobody: what somebody has for himself alone now weighs nothing.
SELECT
  leaf.relname::text                 AS name,
  NULLIF(leaf.reltuples, -1)::bigint AS rows_estimated,
  -- Null for a leaf that is dropped meanwhile.
  CASE WHEN taken.is THEN 0 ELSE COALESCE(pg_total_relation_size(leaf.oid), 0) END AS bytes,
  CASE WHEN taken.is THEN 0 ELSE COALESCE(pg_table_size(leaf.oid), 0) END          AS table_bytes
FROM pg_inherits i
JOIN pg_class parent ON parent.oid = i.inhparent
JOIN pg_namespace n  ON n.oid = parent.relnamespace
JOIN pg_class leaf   ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT EXISTS (
    SELECT FROM pg_locks l
    WHERE l.relation = leaf.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  ) AS is
) taken
WHERE n.nspname = 'public'
  AND parent.relname = ANY ($1);
