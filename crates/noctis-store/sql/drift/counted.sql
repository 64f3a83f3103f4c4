-- How many kills from $1 to before $2 are registered, in the tables, and in parts of the archive that answer?
SELECT
  (SELECT count(*) FROM killmail_registry k WHERE k."timestamp" >= $1 AND k."timestamp" < $2)   AS registered,
  (SELECT count(*) FROM killmails_raw w WHERE w."timestamp" >= $1 AND w."timestamp" < $2)       AS stored,
  (SELECT COALESCE(sum(p.kills), 0) FROM archive_parts p
   WHERE p.state = 'cold' AND p.range_from < $2 AND p.range_to > $1)::bigint                    AS archived;
