-- Which constraints have the tables of the group ($1) and their leaves? $2 asks for the range that a check says: reading its
-- text opens the table, which waits for whoever has it for himself alone.
SELECT
  c.relname::text AS "table",
  k.conname::text AS name,
  k.contype = 'c' AS "check",
  k.convalidated  AS validated,
  -- A check that names no column can be read without its table.
  k.contype = 'c' AND k.conkey IS NULL AND CASE WHEN k.conkey IS NULL THEN pg_get_expr(k.conbin, 0) = 'false' END AS refuses_all,
  k.coninhcount > 0 AS inherited,
  (said.words)[1]::timestamptz AS range_from,
  (said.words)[2]::timestamptz AS range_to
FROM pg_class c
LEFT JOIN pg_inherits i    ON i.inhrelid = c.oid
LEFT JOIN pg_class parent  ON parent.oid = i.inhparent
JOIN pg_constraint k       ON k.conrelid = c.oid AND k.contype <> 'n'
CROSS JOIN LATERAL (
  SELECT regexp_match(
    CASE WHEN $2 AND k.contype = 'c' THEN pg_get_constraintdef(k.oid) END,
    '"timestamp" >= ''([^'']+)''.*"timestamp" < ''([^'']+)''') AS words
) said
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY ($1) OR parent.relname = ANY ($1))
ORDER BY c.relname, k.conname;
