-- Takes what was added to these kills for writing, as far as nobody else writes it now and it is still what was read.
SELECT e.killmail_id
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS k (killmail_id, "timestamp", version)
JOIN killmails_enriched e
  ON e.killmail_id = k.killmail_id AND e."timestamp" = k."timestamp" AND e."timestamp" >= $4 AND e."timestamp" <= $5
WHERE e.xmin::text = k.version
FOR NO KEY UPDATE OF e SKIP LOCKED;
