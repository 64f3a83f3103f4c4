-- What migration 0009 brought.
SELECT 1;
