-- Puts ids on the list of the wanted, or writes anew what is known of them.
INSERT INTO killmails_wanted (killmail_id, killmail_hash, zkb, zkb_rank, source)
SELECT w.killmail_id, w.killmail_hash, w.zkb::jsonb, w.zkb_rank, w.source
FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::text[])
  AS w (killmail_id, killmail_hash, zkb, zkb_rank, source)
ORDER BY w.killmail_id
ON CONFLICT (killmail_id) DO UPDATE
SET killmail_hash = EXCLUDED.killmail_hash,
    zkb = EXCLUDED.zkb,
    zkb_rank = EXCLUDED.zkb_rank,
    source = EXCLUDED.source;
