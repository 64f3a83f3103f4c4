-- Enters names and tickers of alliances, or writes them anew.
INSERT INTO alliances (eve_id, name, ticker)
SELECT a.eve_id, a.name, a.ticker
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS a (eve_id, name, ticker)
ORDER BY a.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = EXCLUDED.name,
    ticker = EXCLUDED.ticker,
    updated_at = now()
WHERE (alliances.name, alliances.ticker) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.ticker);
