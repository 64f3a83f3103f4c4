-- What do the names say of this character?
SELECT name, NULL::text AS ticker, corporation_id, alliance_id, as_of, seen_at FROM characters WHERE eve_id = $1;
