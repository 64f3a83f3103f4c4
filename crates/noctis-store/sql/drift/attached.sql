-- With which bounds is this table attached now?
SELECT
  ((regexp_match(pg_get_expr(c.relpartbound, 0), 'FROM \(''(.+)''\) TO \(''(.+)''\)'))[1])::timestamptz,
  ((regexp_match(pg_get_expr(c.relpartbound, 0), 'FROM \(''(.+)''\) TO \(''(.+)''\)'))[2])::timestamptz
FROM pg_class c
WHERE c.relname = $1
  AND c.relnamespace = 'public'::regnamespace
  AND c.relispartition;
