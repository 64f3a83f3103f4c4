-- Whose store is this, and how much does it hold?
SELECT
  s.store_id::text,
  s.created_at,
  s.static_data_build,
  (SELECT COALESCE(max(arrival), 0) FROM killmail_registry) AS kills,
  (SELECT count(*) FROM killmails_wanted)                   AS wanted,
  (SELECT count(*) FROM killmails_parked)                   AS parked,
  pg_database_size(current_database())                      AS bytes
FROM noctis_store s;
