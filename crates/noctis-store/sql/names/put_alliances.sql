-- Enters names and tickers of alliances, or writes anew what is older than this; a ticker that is missing is taken from
-- an older list too. Tells for each written row whether it is new.
INSERT INTO alliances AS known (eve_id, name, ticker, as_of)
SELECT told.eve_id, told.name, told.ticker, $4
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS told (eve_id, name, ticker)
ORDER BY told.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = CASE WHEN known.as_of < EXCLUDED.as_of THEN EXCLUDED.name ELSE known.name END,
    ticker = CASE WHEN known.as_of < EXCLUDED.as_of THEN COALESCE(EXCLUDED.ticker, known.ticker) ELSE EXCLUDED.ticker END,
    as_of = GREATEST(known.as_of, EXCLUDED.as_of),
    updated_at = CASE WHEN (known.name, known.ticker) IS NOT DISTINCT FROM (EXCLUDED.name, COALESCE(EXCLUDED.ticker, known.ticker))
                      THEN known.updated_at ELSE now() END
WHERE known.as_of < EXCLUDED.as_of OR (known.ticker IS NULL AND EXCLUDED.ticker IS NOT NULL)
RETURNING xmax::text = '0' AS entered;
