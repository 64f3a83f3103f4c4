-- What is known of these ids, whose bodies are wanted?
SELECT killmail_id, killmail_hash, zkb::text, zkb_rank, source FROM killmails_wanted WHERE killmail_id = ANY ($1);
