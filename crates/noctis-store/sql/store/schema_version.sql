-- Which schema version is this database at?
SELECT COALESCE(max(version), 0) FROM noctis_migrations;
