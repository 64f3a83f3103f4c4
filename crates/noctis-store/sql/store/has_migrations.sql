-- Has any noctis migrated this database?
SELECT to_regclass('public.noctis_migrations') IS NOT NULL;
