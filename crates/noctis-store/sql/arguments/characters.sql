-- So many ids of characters, spread evenly from the one on the most mails of a time to those on one.
SELECT character_id
FROM (
  SELECT
    p.character_id,
    row_number() OVER (ORDER BY count(*) DESC, p.character_id) AS place,
    count(*) OVER () AS characters
  FROM killmail_participants p
  WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.character_id IS NOT NULL
  GROUP BY p.character_id
) AS counted
WHERE (place - 1) % greatest(characters / $3, 1) = 0
LIMIT $3;
