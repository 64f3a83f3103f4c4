-- Takes a part over that another store wrote, or this one before its database was put back.
INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at, moved_at)
VALUES ($1, $2, $3, $4, $7, $5, $6, now(), now())
ON CONFLICT DO NOTHING;
