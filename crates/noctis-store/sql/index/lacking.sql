-- Which leaves have no part of this index of their parent, and which index of theirs could become one? An index of the same
-- definition that is not valid was left by a build that was cut off.
SELECT
  leaf.relname::text AS leaf,
  whole.definition,
  same.name          AS index,
  same.valid         AS valid
FROM (
  SELECT x.oid, i.indrelid, regexp_replace(pg_get_indexdef(x.oid), '^.*? USING ', 'USING ') AS definition
  FROM pg_class x
  JOIN pg_index i ON i.indexrelid = x.oid
  WHERE x.relname = $1
    AND x.relnamespace = 'public'::regnamespace
    AND x.relkind = 'I'
) whole
JOIN pg_inherits h  ON h.inhparent = whole.indrelid AND NOT h.inhdetachpending
JOIN pg_class leaf  ON leaf.oid = h.inhrelid
LEFT JOIN LATERAL (
  SELECT x.relname::text AS name, i.indisvalid AND i.indisready AS valid
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  WHERE i.indrelid = leaf.oid
    AND NOT x.relispartition
    AND NOT i.indisunique
    AND regexp_replace(pg_get_indexdef(x.oid), '^.*? USING ', 'USING ') = whole.definition
  ORDER BY 2 DESC, 1
  LIMIT 1
) same ON true
WHERE NOT EXISTS (
  SELECT FROM pg_index i
  JOIN pg_inherits p ON p.inhrelid = i.indexrelid
  WHERE i.indrelid = leaf.oid AND p.inhparent = whole.oid)
ORDER BY leaf.relname DESC;
