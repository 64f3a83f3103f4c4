-- What was done to partitions and archive last, newest first?
SELECT entry, at, action, range_from, range_to, plan, before, after, rows, checksum, duration_ms, lock_tries, lock_ms, who
FROM lifecycle_ledger
ORDER BY entry DESC
LIMIT $1;
