-- Takes new kills off the list of the wanted, and gives what was known of them.
DELETE FROM killmails_wanted w
WHERE w.killmail_id = ANY ($1)
RETURNING w.killmail_id, w.killmail_hash, w.zkb::text, w.zkb_rank;
