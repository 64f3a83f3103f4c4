-- Does a guard hold its lock in this database?
SELECT EXISTS (
    SELECT 1
    FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 7331 AND objid = 2 AND objsubid = 2
)
