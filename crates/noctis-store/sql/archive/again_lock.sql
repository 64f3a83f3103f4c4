-- Held alone by who takes kills over, to the end of the transaction: no dropped kill is forgotten meanwhile.
SELECT pg_advisory_xact_lock($1);
