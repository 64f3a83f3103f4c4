-- Which build of the static data do the tables hold?
SELECT static_data_build FROM noctis_store;
