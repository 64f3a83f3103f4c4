-- Which transactions hold locks on these tables now? By a name that tells one transaction from the next.
SELECT DISTINCT l.pid || ' ' || l.virtualtransaction
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
WHERE c.relname = ANY ($1)
  AND l.granted
  AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database());
