-- Is there a database of this name?
SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1::text)
