-- When did this kill happen? From there on only its month is touched.
SELECT "timestamp" FROM killmail_registry WHERE killmail_id = $1;
