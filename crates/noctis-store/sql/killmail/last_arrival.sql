-- How many kills have arrived, and when was the newest of them killed?
SELECT COALESCE(max(arrival), 0) FROM killmail_registry;
