-- Enters names and tickers of corporations, or writes them anew.
INSERT INTO corporations (eve_id, name, ticker, alliance_id)
SELECT c.eve_id, c.name, c.ticker, c.alliance_id
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS c (eve_id, name, ticker, alliance_id)
ORDER BY c.eve_id
ON CONFLICT (eve_id) DO UPDATE
SET name = EXCLUDED.name,
    ticker = EXCLUDED.ticker,
    alliance_id = EXCLUDED.alliance_id,
    updated_at = now()
WHERE (corporations.name, corporations.ticker, corporations.alliance_id)
  IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.ticker, EXCLUDED.alliance_id);
