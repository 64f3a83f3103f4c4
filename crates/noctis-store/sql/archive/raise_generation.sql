-- The archive's record of owners has this generation.
UPDATE noctis_store SET generation = $2 WHERE generation = $1;
