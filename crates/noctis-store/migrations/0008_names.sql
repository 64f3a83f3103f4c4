-- Names: when they were learned, and what is known to have none.
SELECT 1;
