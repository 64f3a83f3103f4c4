-- What are these characters, corporations and alliances called?
SELECT 'character' AS kind, eve_id, name FROM characters WHERE eve_id = ANY ($1)
UNION ALL
SELECT 'corporation', eve_id, name FROM corporations WHERE eve_id = ANY ($2)
UNION ALL
SELECT 'alliance', eve_id, name FROM alliances WHERE eve_id = ANY ($3);
