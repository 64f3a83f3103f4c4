-- How many locks does a question over all time take, and how many has this server room for?
SELECT
  (SELECT count(*) FROM pg_class parent
   CROSS JOIN LATERAL pg_partition_tree(parent.oid) leaf
   WHERE parent.relnamespace = 'public'::regnamespace AND parent.relname = ANY ($1))
  + (SELECT count(*) FROM pg_class parent
     CROSS JOIN LATERAL pg_partition_tree(parent.oid) leaf
     JOIN pg_index i ON i.indrelid = leaf.relid
     WHERE parent.relnamespace = 'public'::regnamespace AND parent.relname = ANY ($1)) AS locks,
  current_setting('max_locks_per_transaction')::bigint
    * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS room;
