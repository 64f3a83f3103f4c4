-- May this session build templates?
SELECT pg_try_advisory_lock(7331, 3)
