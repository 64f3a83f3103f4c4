-- What is stored of these kills? A range of time is given, so that only its months are touched.
SELECT
  e.killmail_id,
  e.enrichment_blob ->> 'zkb'                             AS zkb,
  COALESCE((e.enrichment_blob ->> 'zkb_rank')::bigint, 0) AS zkb_rank
FROM killmails_enriched e
WHERE e.killmail_id = ANY ($1)
  AND e."timestamp" >= $2
  AND e."timestamp" <= $3;
