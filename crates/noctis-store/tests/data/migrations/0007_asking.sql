-- What migration 0007 brought.
SELECT 1;
