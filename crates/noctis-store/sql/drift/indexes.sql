-- Which indexes have the tables of the group ($1) and their leaves, and which of the parent's is each a part of?
SELECT
  c.relname::text AS "table",
  x.relname::text AS name,
  n.indisvalid AND n.indisready AND n.indislive AS valid,
  whole.relname::text AS part_of,
  COALESCE(x.reloptions, '{}') AS options,
  COALESCE(space.spcname::text, '') AS tablespace
FROM pg_class c
LEFT JOIN pg_inherits i        ON i.inhrelid = c.oid
LEFT JOIN pg_class parent      ON parent.oid = i.inhparent
JOIN pg_index n                ON n.indrelid = c.oid
JOIN pg_class x                ON x.oid = n.indexrelid
LEFT JOIN pg_inherits part     ON part.inhrelid = x.oid
LEFT JOIN pg_class whole       ON whole.oid = part.inhparent
LEFT JOIN pg_tablespace space  ON space.oid = x.reltablespace
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY ($1) OR parent.relname = ANY ($1))
ORDER BY c.relname, x.relname;
