-- Takes the lock that keeps the server running, and tells the session's number, which names this process's databases.
SELECT pg_backend_pid(), pg_advisory_lock_shared(7331, 1)::text
