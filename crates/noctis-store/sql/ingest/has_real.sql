-- Does the store hold real killmails, whose ids are below those of generated ones?
SELECT EXISTS (SELECT FROM killmail_registry WHERE killmail_id < $1);
