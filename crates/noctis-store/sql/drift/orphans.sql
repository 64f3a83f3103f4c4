-- How many kills of a range lack rows in another table of the group, or in the registry?
SELECT
  (SELECT count(*) FROM killmails_raw r
   WHERE r."timestamp" >= $1 AND r."timestamp" < $2
     AND NOT EXISTS (SELECT FROM killmails_enriched e
       WHERE e."timestamp" >= $1 AND e."timestamp" < $2
         AND e.killmail_id = r.killmail_id AND e."timestamp" = r."timestamp"))  AS not_enriched,
  (SELECT count(*) FROM killmails_raw r
   WHERE r."timestamp" >= $1 AND r."timestamp" < $2
     AND NOT EXISTS (SELECT FROM killmail_participants p
       WHERE p."timestamp" >= $1 AND p."timestamp" < $2 AND p.ordinal = 0
         AND p.killmail_id = r.killmail_id AND p."timestamp" = r."timestamp"))  AS without_victim,
  (SELECT count(*) FROM killmails_enriched e
   WHERE e."timestamp" >= $1 AND e."timestamp" < $2
     AND NOT EXISTS (SELECT FROM killmails_raw r
       WHERE r."timestamp" >= $1 AND r."timestamp" < $2
         AND r.killmail_id = e.killmail_id AND r."timestamp" = e."timestamp"))  AS enriched_alone,
  (SELECT count(DISTINCT p.killmail_id) FROM killmail_participants p
   WHERE p."timestamp" >= $1 AND p."timestamp" < $2
     AND NOT EXISTS (SELECT FROM killmails_raw r
       WHERE r."timestamp" >= $1 AND r."timestamp" < $2
         AND r.killmail_id = p.killmail_id AND r."timestamp" = p."timestamp"))  AS participants_alone,
  (SELECT count(*) FROM killmails_raw r
   WHERE r."timestamp" >= $1 AND r."timestamp" < $2
     AND NOT EXISTS (SELECT FROM killmail_registry k
       WHERE k.killmail_id = r.killmail_id AND k."timestamp" = r."timestamp"))  AS not_registered;
