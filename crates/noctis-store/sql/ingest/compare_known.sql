-- Of these staged kills, which are not new: are time and body the stored ones, and what is known of hash and value? Of one
-- whose month is archived or was dropped there is only the registry's line; without a number while it
-- is being taken over from an archive.
-- A range of time is given for the batch, so that only its months are touched.
SELECT
  s.position,
  g.killmail_id IS NOT NULL                          AS known,
  COALESCE(g.arrival = 0, false)                     AS comes,
  g."timestamp" = s."timestamp"                      AS same_time,
  r.killmail_id IS NOT NULL                          AS at_hand,
  r.raw_payload = s.raw_payload                      AS same_body,
  r.killmail_hash                                    AS killmail_hash,
  e.enrichment_blob ->> 'zkb'                        AS zkb,
  COALESCE((e.enrichment_blob ->> 'zkb_rank')::bigint, 0) AS zkb_rank
FROM pg_temp.staged_kills s
LEFT JOIN killmail_registry g    ON g.killmail_id = s.killmail_id
LEFT JOIN killmails_raw r        ON r.killmail_id = s.killmail_id AND r."timestamp" = s."timestamp"
                                AND r."timestamp" >= $1 AND r."timestamp" <= $2
LEFT JOIN killmails_enriched e   ON e.killmail_id = s.killmail_id AND e."timestamp" = s."timestamp"
                                AND e."timestamp" >= $1 AND e."timestamp" <= $2
WHERE s.position = ANY ($3)
ORDER BY s.position;
