-- What is stored of these kills? Each is looked up in its month; a range of time is given, so that planning touches no other.
SELECT
  e.killmail_id,
  r.killmail_hash,
  e.enrichment_blob ->> 'zkb'                             AS zkb,
  COALESCE((e.enrichment_blob ->> 'zkb_rank')::bigint, 0) AS zkb_rank
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (killmail_id, "timestamp")
JOIN killmails_enriched e
  ON e.killmail_id = k.killmail_id AND e."timestamp" = k."timestamp" AND e."timestamp" >= $3 AND e."timestamp" <= $4
JOIN killmails_raw r
  ON r.killmail_id = k.killmail_id AND r."timestamp" = k."timestamp" AND r."timestamp" >= $3 AND r."timestamp" <= $4;
