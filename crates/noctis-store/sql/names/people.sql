-- Who is called so? Each name as it was written beside those who are called so, upper and lower case alike.
SELECT 'character' AS kind, w.name AS written, n.eve_id, n.name
FROM unnest($1::text[]) AS w (name)
JOIN characters n ON lower(n.name) = lower(w.name)
UNION ALL
SELECT 'corporation', w.name, n.eve_id, n.name
FROM unnest($2::text[]) AS w (name)
JOIN corporations n ON lower(n.name) = lower(w.name)
UNION ALL
SELECT 'alliance', w.name, n.eve_id, n.name
FROM unnest($3::text[]) AS w (name)
JOIN alliances n ON lower(n.name) = lower(w.name)
LIMIT $4;
