-- Gives a session's advisory lock back.
SELECT pg_advisory_unlock($1);
