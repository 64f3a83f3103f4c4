-- Settings of the one transaction in which a month is loaded: it waits for the next batch as long as that takes.
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL statement_timeout = 0;
