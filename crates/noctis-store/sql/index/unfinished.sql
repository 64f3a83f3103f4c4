-- Which of these indexes ($1) of these parents ($2) are missing or not on every leaf?
SELECT n.name
FROM unnest($1::text[], $2::text[]) AS n (name, "table")
WHERE NOT EXISTS (
  SELECT FROM pg_class x
  JOIN pg_index i ON i.indexrelid = x.oid
  JOIN pg_class t ON t.oid = i.indrelid
  WHERE x.relname = n.name
    AND x.relnamespace = 'public'::regnamespace
    AND t.relname = n."table"
    AND i.indisvalid);
