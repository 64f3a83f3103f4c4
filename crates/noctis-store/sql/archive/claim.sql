-- Which store is this, what did it last write into the archive's record of owners, and what was it last about to?
SELECT store_id, generation, archive_claim, archive_claim_noted FROM noctis_store;
