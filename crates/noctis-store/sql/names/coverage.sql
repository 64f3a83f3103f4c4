-- How many characters, corporations and alliances do the kills of this range show, and how many of them have a name and a
-- ticker?
WITH shown AS (
  SELECT DISTINCT 'character' AS kind, character_id AS eve_id
  FROM killmail_participants
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND character_id IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'corporation', corporation_id
  FROM killmail_participants
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND corporation_id IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'alliance', alliance_id
  FROM killmail_participants
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND alliance_id IS NOT NULL
)
SELECT s.kind,
       count(*) AS shown,
       count(COALESCE(c.name, o.name, a.name)) AS named,
       count(COALESCE(o.ticker, a.ticker)) AS ticked
FROM shown s
LEFT JOIN characters c ON s.kind = 'character' AND c.eve_id = s.eve_id
LEFT JOIN corporations o ON s.kind = 'corporation' AND o.eve_id = s.eve_id
LEFT JOIN alliances a ON s.kind = 'alliance' AND a.eve_id = s.eve_id
GROUP BY s.kind
ORDER BY s.kind;
