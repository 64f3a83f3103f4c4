-- Notes what is about to be written into the archive's record of owners, so that it is known again after a death.
UPDATE noctis_store SET archive_claim_noted = $1;
