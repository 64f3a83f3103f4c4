-- What the role noctis_read may see, where it exists or may be made; safe to repeat after every migration.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'noctis_read') THEN
    CREATE ROLE noctis_read NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  -- Joins partition by partition, so that a bound on one table of the group prunes the others.
  EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_join = on', current_database());
EXCEPTION
  WHEN insufficient_privilege THEN NULL;
  WHEN internal_error THEN NULL; -- Another noctis is at the same: "tuple concurrently updated".
END $$;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'noctis_read') THEN
    GRANT USAGE ON SCHEMA public, eve TO noctis_read;
    GRANT SELECT ON ALL TABLES IN SCHEMA eve TO noctis_read;
    -- Not users and their profiles: those are nobody else's.
    GRANT SELECT ON killmails_raw, killmails_enriched, killmail_participants, killmail_registry, killmails_wanted,
      characters, corporations, alliances, systems, constellations, regions, types, type_groups, type_categories,
      factions, npc_corporations,
      market_prices, adjusted_prices, price_overrides, build_costs
      TO noctis_read;
    BEGIN
      EXECUTE format('ALTER ROLE noctis_read IN DATABASE %I SET TimeZone = ''UTC''', current_database());
      EXECUTE format('ALTER ROLE noctis_read IN DATABASE %I SET statement_timeout = ''30s''', current_database());
      EXECUTE format('ALTER ROLE noctis_read IN DATABASE %I SET default_transaction_read_only = on', current_database());
      EXECUTE format('ALTER ROLE noctis_read IN DATABASE %I SET enable_partitionwise_join = on', current_database());
      EXECUTE format('ALTER ROLE noctis_read IN DATABASE %I SET search_path = public, eve', current_database());
    EXCEPTION
      WHEN insufficient_privilege THEN NULL;
      WHEN internal_error THEN NULL;
    END;
  END IF;
END $$;
