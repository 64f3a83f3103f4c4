-- Takes the batch's new kills off the list of the wanted, and gives what was known of them.
DELETE FROM killmails_wanted w
USING pg_temp.staged_new n
WHERE w.killmail_id = n.killmail_id
RETURNING w.killmail_id, w.killmail_hash, w.zkb::text, w.zkb_rank;
