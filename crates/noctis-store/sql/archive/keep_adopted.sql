-- Notes whose kills these are, by their time; of one that another part has too, no second line.
INSERT INTO adopted_ids (killmail_id, "timestamp")
SELECT killmail_id, "timestamp" FROM adopted_kills ORDER BY "timestamp", killmail_id
ON CONFLICT DO NOTHING;
