-- Is a kill registered that has no number yet?
SELECT EXISTS (SELECT FROM killmail_registry WHERE arrival = 0);
