-- How are they called now?
SELECT asked.place, known.name, known.ticker
FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS asked (kind, eve_id, place)
CROSS JOIN LATERAL (
  SELECT name, NULL AS ticker
  FROM characters
  WHERE asked.kind = 1 AND eve_id = asked.eve_id
  UNION ALL
  SELECT name, ticker
  FROM corporations
  WHERE asked.kind = 2 AND eve_id = asked.eve_id
  UNION ALL
  SELECT name, ticker
  FROM alliances
  WHERE asked.kind = 3 AND eve_id = asked.eve_id
) AS known;
