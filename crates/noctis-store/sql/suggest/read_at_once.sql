-- All that is read from here on is of one moment, and may be sorted in memory.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL work_mem = '64MB';
SET LOCAL statement_timeout = 0;
