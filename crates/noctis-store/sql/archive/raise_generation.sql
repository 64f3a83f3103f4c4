-- The archive's record of owners has this generation, and the claim that was noted.
UPDATE noctis_store SET generation = $2, archive_claim = archive_claim_noted WHERE generation = $1;
