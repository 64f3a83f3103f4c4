-- Which of these ids are stored already?
SELECT killmail_id FROM killmail_registry WHERE killmail_id = ANY ($1);
