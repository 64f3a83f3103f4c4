-- What the language of questions needs besides the tables' own columns: items and wars.
SELECT 1;
