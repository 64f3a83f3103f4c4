-- What migration 0005 brought: a price of each kind, and a kill with a value of our own.
INSERT INTO market_prices VALUES (587, '2025-06-01', 412000.50);
INSERT INTO adjusted_prices VALUES (587, '2025-06-01', 400000.25, NULL);
INSERT INTO price_overrides VALUES (3516, '2003-05-06', 100000000000);
INSERT INTO build_costs VALUES (671, '2025-06-01', 80000000000);
UPDATE noctis_store SET price_revision = 1;
UPDATE killmails_enriched SET own_value = 412000.50, unpriced_count = 0, price_date = '2025-06-02'
WHERE killmail_id = 1 AND "timestamp" = '2025-06-02 03:04:05+00';
