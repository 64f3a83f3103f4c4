-- Forgets that these ids of a kind ($1) lack a name, and those of $3 a ticker: they have it now.
DELETE FROM names_wanted
WHERE kind = $1
  AND ((wanted IN ('name', 'again') AND eve_id = ANY ($2::bigint[])) OR (wanted = 'ticker' AND eve_id = ANY ($3::bigint[])));
