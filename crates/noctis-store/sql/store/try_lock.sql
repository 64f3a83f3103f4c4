-- Takes a session's advisory lock, or says that another has it.
SELECT pg_try_advisory_lock($1);
