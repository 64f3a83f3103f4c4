-- Which columns have the tables of the group ($1) and their leaves, in their order?
SELECT
  c.relname::text AS "table",
  a.attname::text AS name,
  format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END AS kind,
  a.attnotnull    AS not_null,
  -- A default names no column, so it is read without the table; what is generated does, and is compared by that alone.
  CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END AS "default",
  a.attgenerated <> '' AS generated,
  COALESCE(a.attstattarget, -1)::integer AS statistics_target,
  CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS storage,
  CASE a.attcompression WHEN 'l' THEN 'lz4' WHEN 'p' THEN 'pglz' ELSE 'default' END AS compression
FROM pg_class c
LEFT JOIN pg_inherits i    ON i.inhrelid = c.oid
LEFT JOIN pg_class parent  ON parent.oid = i.inhparent
JOIN pg_attribute a        ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t             ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d     ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY ($1) OR parent.relname = ANY ($1))
ORDER BY c.relname, a.attnum;
