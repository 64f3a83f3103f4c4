-- The merge lock, held to the end of the transaction: arrival numbers become visible in their order.
SELECT pg_advisory_xact_lock($1);
