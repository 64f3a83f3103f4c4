-- The static data that was imported, packed.
SELECT build, released, imported_at, packed FROM static_data;
