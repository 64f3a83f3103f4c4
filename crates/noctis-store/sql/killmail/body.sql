-- The ESI body of one kill, whose time is known.
SELECT r.raw_payload::text FROM killmails_raw r WHERE r.killmail_id = $1 AND r."timestamp" = $2;
