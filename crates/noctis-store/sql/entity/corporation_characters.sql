-- Which characters are of this corporation, by the names and by the mails of a window of time, in the order of their ids?
--
-- $1 the corporation, $2 and $3 the window, $4 the last id of the page before, $5 rows.
WITH by_names AS (
  SELECT c.eve_id AS id
  FROM characters c
  WHERE c.corporation_id = $1 AND c.eve_id > $4
  ORDER BY c.eve_id
  LIMIT $5
),
by_mails AS (
  SELECT p.character_id AS id, max(p."timestamp") AS last_seen
  FROM killmail_participants m
  JOIN killmail_participants p
    ON p.killmail_id = m.killmail_id AND p."timestamp" = m."timestamp" AND p."timestamp" >= $2 AND p."timestamp" < $3
  WHERE m.corporation_id = $1 AND m.first_of_corporation AND m."timestamp" >= $2 AND m."timestamp" < $3
    AND p.corporation_id = $1 AND p.character_id > $4
  GROUP BY p.character_id
  ORDER BY p.character_id
  LIMIT $5
)
SELECT id, n.id IS NOT NULL AS is_in_names, m.last_seen
FROM by_names n
FULL JOIN by_mails m USING (id)
ORDER BY id
LIMIT $5;
