-- What migration 0008 brought.
SELECT 1;
