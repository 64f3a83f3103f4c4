-- How many kills carry each tag and each label, of a range's newest kills up to a number of them? The first row tells
-- how many kills that were, and when the first of them was killed.
WITH bounds AS MATERIALIZED (
  SELECT min(k."timestamp") AS first
  FROM (
    SELECT r."timestamp"
    FROM killmails_raw r
    WHERE r."timestamp" >= $1 AND r."timestamp" < $2
    ORDER BY r."timestamp" DESC, r.killmail_id DESC
    LIMIT $3
  ) k
), counted AS MATERIALIZED (
  SELECT e.labels, e.module_tags
  FROM killmails_enriched e
  WHERE e."timestamp" >= $1 AND e."timestamp" < $2 AND e."timestamp" >= (SELECT first FROM bounds)
)
SELECT 'kills' AS kind, '' AS word, count(*) AS kills, (SELECT first FROM bounds) AS first
FROM counted
UNION ALL
SELECT 'tag', t.word, count(*), NULL
FROM counted
CROSS JOIN LATERAL unnest(counted.module_tags) AS t (word)
GROUP BY t.word
UNION ALL
SELECT 'label', l.word, count(*), NULL
FROM counted
CROSS JOIN LATERAL unnest(counted.labels) AS l (word)
GROUP BY l.word;
