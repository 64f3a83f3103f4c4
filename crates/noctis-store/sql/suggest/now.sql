-- When did this transaction begin?
SELECT now();
