-- The list of applied migrations.
CREATE TABLE IF NOT EXISTS noctis_migrations (
  version    INTEGER     PRIMARY KEY,
  name       TEXT        NOT NULL,
  sha256     BYTEA       NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
