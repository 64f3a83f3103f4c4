-- Marks a file finished; the first import of the same content stays the one on record.
INSERT INTO imported_files (sha256, name, bytes, read)
VALUES ($1, $2, $3, $4)
ON CONFLICT (sha256) DO NOTHING;
