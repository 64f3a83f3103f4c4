-- One line more in the ledger of the lifecycle, in the transaction of what it tells.
INSERT INTO lifecycle_ledger
  (action, range_from, range_to, plan, before, after, rows, checksum, duration_ms, lock_tries, lock_ms, who)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, current_user || ', ' || $12::text);
