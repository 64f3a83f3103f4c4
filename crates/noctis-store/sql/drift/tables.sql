-- How is each table of the group ($1), each leaf of it, and each table that is called like a leaf? Bounds are read without
-- the leaf's name, so that nothing here takes a lock on any of these tables.
SELECT
  c.relname::text AS name,
  parent.relname::text AS parent,
  COALESCE(i.inhdetachpending, false) AS detach_pending,
  CASE WHEN (bounds.words)[1] = 'MINVALUE' THEN '0001-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[1]) END::timestamptz AS range_from,
  CASE WHEN (bounds.words)[2] = 'MAXVALUE' THEN '9999-01-01 00:00:00+00'
       ELSE trim('''' FROM (bounds.words)[2]) END::timestamptz AS range_to,
  pg_get_userbyid(c.relowner)::text AS owner,
  COALESCE(space.spcname::text, '')  AS tablespace,
  c.relpersistence = 'p'             AS logged,
  c.relrowsecurity                   AS row_security,
  COALESCE(c.reloptions, '{}') || COALESCE(
    (SELECT array_agg('toast.' || o.option) FROM pg_class toast, unnest(toast.reloptions) AS o (option)
     WHERE toast.oid = c.reltoastrelid), '{}')              AS options,
  -- Each right as role:RIGHT, the owner's too. The reader is listed with no right where he has none.
  (SELECT array_agg(DISTINCT COALESCE(r.rolname::text, 'PUBLIC') || ':' || a.privilege_type)
   FROM aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) a
   LEFT JOIN pg_roles r ON r.oid = a.grantee)
  || ARRAY(SELECT 'noctis_read:' FROM pg_roles WHERE rolname = 'noctis_read')                    AS rights,
  ARRAY(SELECT a.privilege_type FROM aclexplode(acldefault('r', c.relowner)) a)                  AS owners_rights,
  ARRAY(SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1) AS triggers,
  ARRAY(SELECT w.rulename::text FROM pg_rewrite w WHERE w.ev_class = c.oid ORDER BY 1)                     AS rules,
  ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1)                       AS policies,
  NULLIF(c.reltuples, -1)::bigint                              AS rows_estimated,
  CASE WHEN c.relkind = 'r' THEN age(c.relfrozenxid) ELSE 0 END::bigint AS freeze_age,
  GREATEST(s.last_analyze, s.last_autoanalyze)                 AS analyzed_at
FROM pg_class c
LEFT JOIN pg_inherits i            ON i.inhrelid = c.oid
LEFT JOIN pg_class parent          ON parent.oid = i.inhparent
LEFT JOIN pg_tablespace space      ON space.oid = c.reltablespace
LEFT JOIN pg_stat_all_tables s     ON s.relid = c.oid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(c.relpartbound, 0), 'FROM \((.+)\) TO \((.+)\)') AS words
) bounds
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY ($1)
    OR parent.relname = ANY ($1)
    OR EXISTS (SELECT FROM unnest($1::text[]) AS m (member) WHERE starts_with(c.relname::text, m.member || '_')))
ORDER BY c.relname;
