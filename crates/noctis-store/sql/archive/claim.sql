-- Which store is this, and what did it last write into the archive's record of owners, or was about to?
SELECT store_id, generation, archive_claim FROM noctis_store;
