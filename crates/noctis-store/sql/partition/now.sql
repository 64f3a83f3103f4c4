-- The database's time, beside which ours is not to run ahead.
SELECT clock_timestamp();
