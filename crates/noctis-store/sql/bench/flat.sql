-- The same rows in tables without partitions, month after month as they lie, and the same indexes over them.
DROP SCHEMA IF EXISTS flat CASCADE;
CREATE SCHEMA flat;
DO $$
DECLARE
  name TEXT;
  definition TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['killmails_raw', 'killmails_enriched', 'killmail_participants'] LOOP
    EXECUTE format('CREATE TABLE flat.%I (LIKE public.%1$I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
    EXECUTE format('INSERT INTO flat.%I SELECT * FROM public.%1$I', name);
    FOR definition IN
      SELECT pg_get_indexdef(i.indexrelid)
      FROM pg_index i
      WHERE i.indrelid = format('public.%I', name)::regclass
    LOOP
      EXECUTE replace(definition, ' ON ONLY public.', ' ON flat.');
    END LOOP;
  END LOOP;
END
$$;
CREATE VIEW flat.done AS SELECT true AS is_done;
