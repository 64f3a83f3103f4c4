-- What do the names say of this corporation?
SELECT name, ticker, NULL::bigint AS corporation_id, alliance_id, as_of, seen_at FROM corporations WHERE eve_id = $1;
