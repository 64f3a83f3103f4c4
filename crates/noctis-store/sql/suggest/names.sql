-- All names, as they stand: the most active of the last two years of kills first, then short names, then in order.
SELECT named.kind, named.eve_id, named.name, named.ticker, COALESCE(did.activity, 0) AS activity
FROM (
  SELECT 1 AS kind, eve_id, name, NULL AS ticker
  FROM characters
  UNION ALL
  SELECT 2, eve_id, name, ticker
  FROM corporations
  UNION ALL
  SELECT 3, eve_id, name, ticker
  FROM alliances
) AS named
LEFT JOIN (
  SELECT entity_id, kind::integer AS kind, sum(kills + losses)::bigint AS activity
  FROM presence
  WHERE kind IN (1, 2, 3)
    AND month > (SELECT max(month) FROM presence) - interval '24 months'
  GROUP BY entity_id, kind
) AS did ON did.entity_id = named.eve_id AND did.kind = named.kind
ORDER BY activity DESC, char_length(named.name), named.name COLLATE "C", named.kind, named.eve_id;
