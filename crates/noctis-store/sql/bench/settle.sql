-- What autovacuum does in time, at once: rows visible to all, statistics of leaves and parents.
VACUUM (FREEZE, ANALYZE);
