-- What a new major version leaves to be done: extensions of its own version, statistics (partitioned tables included).
DO $$
DECLARE
  extension name;
BEGIN
  FOR extension IN
    SELECT e.extname
    FROM pg_extension e
    JOIN pg_available_extensions a ON a.name = e.extname
    WHERE a.default_version <> e.extversion
  LOOP
    EXECUTE format('ALTER EXTENSION %I UPDATE', extension);
  END LOOP;
END $$;
ANALYZE;
