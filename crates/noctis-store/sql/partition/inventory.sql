-- Which leaves has each member of the group, with which bounds? By the catalog's word, never by a name's, and with no lock on them.
SELECT
  parent.relname::text AS member,
  leaf.relname::text   AS name,
  pg_get_expr(leaf.relpartbound, leaf.oid) = 'DEFAULT' AS is_default,
  CASE WHEN (bounds.words)[1] = 'MINVALUE' THEN '0001-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[1]) END::timestamptz AS range_from,
  CASE WHEN (bounds.words)[2] = 'MAXVALUE' THEN '9999-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[2]) END::timestamptz AS range_to,
  EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = leaf.oid AND k.contype = 'c' AND pg_get_constraintdef(k.oid) LIKE 'CHECK (false)%'
  )                                                  AS closed
FROM pg_inherits i
JOIN pg_class parent       ON parent.oid = i.inhparent
JOIN pg_namespace n        ON n.oid = parent.relnamespace
JOIN pg_class leaf         ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(leaf.relpartbound, leaf.oid), 'FROM \((.+)\) TO \((.+)\)') AS words
) bounds
WHERE n.nspname = 'public'
  AND parent.relname = ANY ($1)
ORDER BY range_from, member, name;
