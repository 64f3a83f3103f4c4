-- Static data that was imported, whole.
SELECT 1;
