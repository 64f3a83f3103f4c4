-- Names written since a time, with what they did in the last two years of kills; the newest first.
SELECT fresh.kind, fresh.eve_id, fresh.name, fresh.ticker,
       (SELECT COALESCE(sum(did.kills + did.losses), 0)::bigint
        FROM presence did
        WHERE did.entity_id = fresh.eve_id
          AND did.kind = fresh.kind
          AND did.month > (SELECT max(month) FROM presence) - interval '24 months') AS activity
FROM (
  SELECT 1 AS kind, eve_id, name, NULL AS ticker, updated_at
  FROM characters
  WHERE updated_at > $1
  UNION ALL
  SELECT 2, eve_id, name, ticker, updated_at
  FROM corporations
  WHERE updated_at > $1
  UNION ALL
  SELECT 3, eve_id, name, ticker, updated_at
  FROM alliances
  WHERE updated_at > $1
  ORDER BY updated_at DESC
  LIMIT $2
) AS fresh;
