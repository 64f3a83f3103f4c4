-- A session that repeats statements changes nothing.
SET default_transaction_read_only = on;
