-- Notes which build of the static data the tables hold.
UPDATE noctis_store SET static_data_build = $1;
