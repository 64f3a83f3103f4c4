-- What must a cluster have that this one's files are to be moved into?
SELECT
  pg_encoding_to_char(encoding)::text,
  datcollate::text,
  datctype::text,
  current_setting('data_checksums') = 'on'
FROM pg_database
WHERE datname = 'template0';
