-- What do the names say of this alliance?
SELECT name, ticker, NULL::bigint AS corporation_id, NULL::bigint AS alliance_id, as_of, NULL::timestamptz AS seen_at FROM alliances WHERE eve_id = $1;
