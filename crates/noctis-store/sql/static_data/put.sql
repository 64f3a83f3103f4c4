-- Keeps imported static data instead of what was imported before.
INSERT INTO static_data (build, released, packed)
VALUES ($1, $2, $3)
ON CONFLICT (only_row) DO UPDATE
SET build = EXCLUDED.build,
    released = EXCLUDED.released,
    packed = EXCLUDED.packed,
    imported_at = clock_timestamp();
