-- Notes whose kills these are; of one that another part has too, no second line.
INSERT INTO adopted_ids (killmail_id, "timestamp")
SELECT killmail_id, "timestamp" FROM adopted_kills
ON CONFLICT DO NOTHING;
