-- Which statements give a table ($2) the keys and indexes that the parent ($1) has, so that ATTACH takes them over? A key that
-- it has already is left out.
SELECT statement
FROM (
  SELECT 0 AS place, k.conname AS name, format('ALTER TABLE %I ADD %s', $2::text, pg_get_constraintdef(k.oid)) AS statement
  FROM pg_constraint k
  WHERE k.conrelid = to_regclass($1) AND k.contype IN ('p', 'u')
    AND NOT EXISTS (
      SELECT FROM pg_constraint own
      WHERE own.conrelid = to_regclass(quote_ident($2)) AND pg_get_constraintdef(own.oid) = pg_get_constraintdef(k.oid))
  UNION ALL
  SELECT 1, c.relname, format(
    'CREATE %sINDEX ON %I%s',
    CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END,
    $2::text,
    substring(pg_get_indexdef(i.indexrelid) FROM position(' USING ' IN pg_get_indexdef(i.indexrelid))))
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = to_regclass($1)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
) statements
ORDER BY place, name;
