-- Which leaves of the group are left in the middle of a concurrent detach, with which bounds?
SELECT
  parent.relname::text AS member,
  leaf.relname::text   AS name,
  (bounds.words)[1]::timestamptz AS range_from,
  (bounds.words)[2]::timestamptz AS range_to
FROM pg_inherits i
JOIN pg_class parent ON parent.oid = i.inhparent
JOIN pg_namespace n  ON n.oid = parent.relnamespace
JOIN pg_class leaf   ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(leaf.relpartbound, 0), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS words
) bounds
WHERE i.inhdetachpending
  AND n.nspname = 'public'
  AND parent.relname = ANY ($1)
ORDER BY member, name;
