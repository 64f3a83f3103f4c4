-- Which static data was imported, and when?
SELECT build, released, imported_at FROM static_data;
