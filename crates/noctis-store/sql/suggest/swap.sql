-- Puts the new tables in the places of the old ones. Readers wait for as long as that takes, which is no reading.
SET LOCAL lock_timeout = '200ms';
DROP TABLE suggest_names, suggest_grams;
ALTER TABLE suggest_names_new RENAME TO suggest_names;
ALTER TABLE suggest_grams_new RENAME TO suggest_grams;
ALTER INDEX suggest_names_new_pkey RENAME TO suggest_names_pkey;
ALTER INDEX suggest_grams_new_pkey RENAME TO suggest_grams_pkey;
