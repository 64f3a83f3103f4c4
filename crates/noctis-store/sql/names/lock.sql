-- Waits until nobody else writes names, and holds that to the end of the transaction.
SELECT pg_advisory_xact_lock($1::bigint);
