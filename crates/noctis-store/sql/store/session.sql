-- Settings of every session: UTC, lz4 for large values where the server has it, joins partition by partition.
SET TimeZone = 'UTC';
SET enable_partitionwise_join = on;
SELECT set_config('default_toast_compression', 'lz4', false)
FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
