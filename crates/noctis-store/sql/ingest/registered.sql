-- Where are these kills, as far as they are stored?
SELECT killmail_id, "timestamp" FROM killmail_registry WHERE killmail_id = ANY ($1);
