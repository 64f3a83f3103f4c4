-- Enters names of characters, or writes them anew.
INSERT INTO characters (eve_id, name, corporation_id, alliance_id)
SELECT c.eve_id, c.name, c.corporation_id, c.alliance_id
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS c (eve_id, name, corporation_id, alliance_id)
ORDER BY c.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = EXCLUDED.name,
    corporation_id = EXCLUDED.corporation_id,
    alliance_id = EXCLUDED.alliance_id,
    updated_at = now()
WHERE (characters.name, characters.corporation_id, characters.alliance_id)
  IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.corporation_id, EXCLUDED.alliance_id);
