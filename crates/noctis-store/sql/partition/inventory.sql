-- Which leaves has each member of the group, with which bounds? By the catalog's word, never by a name's, and with no lock on them.
SELECT
  parent.relname::text AS member,
  leaf.relname::text   AS name,
  pg_get_expr(leaf.relpartbound, 0) = 'DEFAULT' AS is_default,
  CASE WHEN (bounds.words)[1] = 'MINVALUE' THEN '0001-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[1]) END::timestamptz AS range_from,
  CASE WHEN (bounds.words)[2] = 'MAXVALUE' THEN '9999-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[2]) END::timestamptz AS range_to,
  EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = leaf.oid AND k.contype = 'c'
      -- With a table to name columns of, pg_get_expr would wait for that table's lock.
      AND CASE WHEN k.conbin::text NOT LIKE '%{VAR %' THEN pg_get_expr(k.conbin, 0) = 'false' END
  )                                                  AS closed
FROM pg_inherits i
JOIN pg_class parent       ON parent.oid = i.inhparent
JOIN pg_namespace n        ON n.oid = parent.relnamespace
JOIN pg_class leaf         ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(leaf.relpartbound, 0), 'FROM \((.+)\) TO \((.+)\)') AS words
) bounds
WHERE n.nspname = 'public'
  AND parent.relname = ANY ($1)
ORDER BY range_from, member, name;
