-- The tests' owner makes a database for each test.
ALTER ROLE noctis CREATEDB
