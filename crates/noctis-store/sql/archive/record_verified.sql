-- Writes down a part that was read back. One that still waits for its leaf to go is written over; one that has served is not.
INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at, fence)
VALUES ($1, $2, $3, $4, 'verified', $5, $6, now(), $7)
ON CONFLICT (month, part) DO UPDATE
SET range_from = EXCLUDED.range_from,
    range_to = EXCLUDED.range_to,
    kills = EXCLUDED.kills,
    manifest = EXCLUDED.manifest,
    verified_at = EXCLUDED.verified_at,
    fence = EXCLUDED.fence
WHERE archive_parts.state = 'verified';
