-- Settings of every session: UTC, the isolation that arrival numbers rest on, lz4 for large values where the server has it, joins partition by partition.
SET TimeZone = 'UTC';
SET default_transaction_isolation = 'read committed';
SET enable_partitionwise_join = on;
SELECT set_config('default_toast_compression', 'lz4', false)
FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
