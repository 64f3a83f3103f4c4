-- Notes that a migration was applied.
INSERT INTO noctis_migrations (version, name, sha256) VALUES ($1, $2, $3);
