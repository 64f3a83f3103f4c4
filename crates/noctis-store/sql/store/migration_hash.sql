-- With which text was this migration applied?
SELECT sha256 FROM noctis_migrations WHERE version = $1;
