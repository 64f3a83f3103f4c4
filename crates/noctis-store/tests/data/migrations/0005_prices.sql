-- What migration 0005 brought.
SELECT 1;
