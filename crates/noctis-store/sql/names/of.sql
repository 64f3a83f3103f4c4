-- What are these characters, corporations or alliances ($1) called, what is their ticker, and as of when is that known?
SELECT eve_id, name, NULL::text AS ticker, as_of FROM characters WHERE $1::text = 'character' AND eve_id = ANY ($2::bigint[])
UNION ALL
SELECT eve_id, name, ticker, as_of FROM corporations WHERE $1 = 'corporation' AND eve_id = ANY ($2)
UNION ALL
SELECT eve_id, name, ticker, as_of FROM alliances WHERE $1 = 'alliance' AND eve_id = ANY ($2);
