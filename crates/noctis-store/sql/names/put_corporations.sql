-- Enters names and tickers of corporations, or writes anew what is older than this; a ticker that is missing is taken from
-- an older list too. Tells for each written row whether it is new.
INSERT INTO corporations AS known (eve_id, name, ticker, alliance_id, seen_at, as_of)
SELECT told.eve_id, told.name, told.ticker,
       CASE WHEN w.seen_at IS NULL THEN told.alliance_id ELSE w.alliance_id END,
       w.seen_at, $5
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS told (eve_id, name, ticker, alliance_id)
LEFT JOIN names_wanted w ON w.wanted = 'name' AND w.kind = 'corporation' AND w.eve_id = told.eve_id
ORDER BY told.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = CASE WHEN known.as_of < EXCLUDED.as_of THEN EXCLUDED.name ELSE known.name END,
    ticker = CASE WHEN known.as_of < EXCLUDED.as_of THEN COALESCE(EXCLUDED.ticker, known.ticker) ELSE EXCLUDED.ticker END,
    alliance_id = CASE WHEN known.seen_at IS NULL THEN COALESCE(EXCLUDED.alliance_id, known.alliance_id) ELSE known.alliance_id END,
    as_of = GREATEST(known.as_of, EXCLUDED.as_of),
    updated_at = CASE WHEN (known.name, known.ticker) IS NOT DISTINCT FROM (EXCLUDED.name, COALESCE(EXCLUDED.ticker, known.ticker))
                      THEN known.updated_at ELSE now() END
WHERE known.as_of < EXCLUDED.as_of OR (known.ticker IS NULL AND EXCLUDED.ticker IS NOT NULL)
RETURNING xmax::text = '0' AS entered;
