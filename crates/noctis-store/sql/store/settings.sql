-- With which settings does this server keep what it was given?
SELECT name, current_setting(name)
FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'shared_buffers', 'max_wal_size',
  'default_toast_compression', 'server_version', 'TimeZone')
ORDER BY name;
