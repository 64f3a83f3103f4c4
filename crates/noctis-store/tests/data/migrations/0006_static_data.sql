-- What migration 0006 brought.
SELECT 1;
