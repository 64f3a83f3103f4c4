-- Tells who reads tables and archive that kills have another place now.
UPDATE noctis_store
SET epoch = epoch + 1;
