-- Held together with others by who forgets dropped kills, to the end of the transaction: none is taken over meanwhile.
SELECT pg_advisory_xact_lock_shared($1);
