-- With which bounds is this table attached, and to which parent?
SELECT
  parent.relname::text,
  ((regexp_match(pg_get_expr(leaf.relpartbound, leaf.oid), 'FROM \(''(.+)''\) TO \(''(.+)''\)'))[1])::timestamptz,
  ((regexp_match(pg_get_expr(leaf.relpartbound, leaf.oid), 'FROM \(''(.+)''\) TO \(''(.+)''\)'))[2])::timestamptz
FROM pg_class leaf
JOIN pg_inherits i   ON i.inhrelid = leaf.oid
JOIN pg_class parent ON parent.oid = i.inhparent
WHERE leaf.oid = to_regclass($1);
