-- Enters names of characters, or writes anew what is older than this; tells for each written row whether it is new.
-- What a killmail told of a character that had no name yet comes along.
INSERT INTO characters AS known (eve_id, name, corporation_id, alliance_id, seen_at, as_of)
SELECT told.eve_id, told.name,
       CASE WHEN w.seen_at IS NULL THEN told.corporation_id ELSE w.corporation_id END,
       CASE WHEN w.seen_at IS NULL THEN told.alliance_id ELSE w.alliance_id END,
       w.seen_at, $5
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS told (eve_id, name, corporation_id, alliance_id)
LEFT JOIN names_wanted w ON w.wanted = 'name' AND w.kind = 'character' AND w.eve_id = told.eve_id
ORDER BY told.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = EXCLUDED.name,
    corporation_id = CASE WHEN known.seen_at IS NULL THEN COALESCE(EXCLUDED.corporation_id, known.corporation_id) ELSE known.corporation_id END,
    alliance_id = CASE WHEN known.seen_at IS NULL THEN COALESCE(EXCLUDED.alliance_id, known.alliance_id) ELSE known.alliance_id END,
    as_of = EXCLUDED.as_of,
    updated_at = CASE WHEN known.name = EXCLUDED.name THEN known.updated_at ELSE now() END
WHERE known.as_of < EXCLUDED.as_of
RETURNING xmax::text = '0' AS entered;
