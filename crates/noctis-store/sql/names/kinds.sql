-- Of which kind are these ids, as far as names that are known or wanted tell?
SELECT 'character' AS kind, eve_id FROM characters WHERE eve_id = ANY ($1::bigint[])
UNION
SELECT 'corporation', eve_id FROM corporations WHERE eve_id = ANY ($1)
UNION
SELECT 'alliance', eve_id FROM alliances WHERE eve_id = ANY ($1)
UNION
SELECT kind, eve_id
FROM names_wanted
WHERE wanted = 'name' AND kind IN ('character', 'corporation', 'alliance') AND eve_id = ANY ($1);
