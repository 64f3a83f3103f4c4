-- Which templates are older than the newest eight? (Several checkouts with other migrations may share the server.)
SELECT datname::text
FROM pg_database
WHERE datname ~ '^noctis_template_[0-9a-f]+$'
ORDER BY oid DESC
LIMIT 100 OFFSET 8
