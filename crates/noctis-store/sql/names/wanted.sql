-- Which ids lack this ($1) and may be asked for at this time, most seen first?
SELECT kind, eve_id
FROM names_wanted
WHERE wanted = $1 AND ask_after <= $2
ORDER BY seen DESC, kind, eve_id
LIMIT $3;
