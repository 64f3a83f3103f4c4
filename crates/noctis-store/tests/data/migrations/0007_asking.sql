-- What migration 0007 brought: nothing but columns and indexes of tables that have their rows.
SELECT 1;
