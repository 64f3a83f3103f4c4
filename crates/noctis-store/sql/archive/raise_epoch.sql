-- Kills move between tables and archive in this transaction: whoever reads both meanwhile reads again.
UPDATE noctis_store SET epoch = epoch + 1;
