-- What the statement after it does, counted.
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
