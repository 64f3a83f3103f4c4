-- The longest, in milliseconds, that a statement of this session may run.
SELECT set_config('statement_timeout', $1, false);
