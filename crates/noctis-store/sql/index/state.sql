-- On which table is this index, and is it whole?
SELECT t.relname::text AS "table", i.indisvalid AS valid
FROM pg_class x
JOIN pg_index i ON i.indexrelid = x.oid
JOIN pg_class t ON t.oid = i.indrelid
WHERE x.relname = $1
  AND x.relnamespace = 'public'::regnamespace;
