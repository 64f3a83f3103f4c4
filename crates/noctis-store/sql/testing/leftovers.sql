-- Which databases did test processes leave that are gone? Their second word is the number of a session of theirs.
SELECT datname::text
FROM pg_database
WHERE datname ~ '^noctis_test_[0-9]+_[0-9]+$'
  AND split_part(datname, '_', 3)::bigint NOT IN (
      SELECT pid FROM pg_stat_activity WHERE application_name = 'noctis test keeper'
  )
ORDER BY datname
LIMIT 100
