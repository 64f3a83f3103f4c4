-- What do the names say of this corporation?
SELECT name, ticker, NULL::bigint AS corporation_id, alliance_id FROM corporations WHERE eve_id = $1;
