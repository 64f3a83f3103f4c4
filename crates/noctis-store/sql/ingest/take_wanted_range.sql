-- Takes the kills from $1 to before $2, whose leaf has just been attached, off the list of the wanted, and gives what was known
-- of them and is not stored of them yet.
WITH taken AS (
  DELETE FROM killmails_wanted w
  USING killmails_raw r
  WHERE r.killmail_id = w.killmail_id
    AND r."timestamp" >= $1
    AND r."timestamp" < $2
  RETURNING w.killmail_id, r."timestamp", r.killmail_hash AS stored_hash, w.killmail_hash, w.zkb, w.zkb_rank, w.source
)
SELECT t.killmail_id, t."timestamp", t.killmail_hash, t.zkb::text, t.zkb_rank, t.source
FROM taken t
JOIN killmails_enriched e
  ON e.killmail_id = t.killmail_id AND e."timestamp" = t."timestamp" AND e."timestamp" >= $1 AND e."timestamp" < $2
WHERE (t.zkb IS NOT NULL AND t.zkb IS DISTINCT FROM e.enrichment_blob -> 'zkb')
   OR (t.killmail_hash IS NOT NULL AND t.killmail_hash IS DISTINCT FROM t.stored_hash);
