-- About how many names of each kind are known? As the planner believes, since counting millions takes seconds.
SELECT relname::text AS relation, GREATEST(reltuples, 0)::bigint AS names
FROM pg_class
WHERE oid IN ('characters'::regclass, 'corporations'::regclass, 'alliances'::regclass)
ORDER BY relname;
