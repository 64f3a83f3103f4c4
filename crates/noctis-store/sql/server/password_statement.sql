-- Which statement gives role $1 the password $2? (ALTER ROLE itself takes no parameters.)
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)
