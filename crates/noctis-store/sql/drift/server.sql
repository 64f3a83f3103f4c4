-- How many locks has this server room for, and how old may transaction ids get?
SELECT
  current_setting('max_locks_per_transaction')::bigint
    * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS locks_max,
  current_setting('autovacuum_freeze_max_age')::bigint AS freeze_age_max;
