-- The views of eve, with the columns that came since.
SELECT 1;
