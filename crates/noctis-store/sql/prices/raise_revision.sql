-- Prices have changed: whoever keeps some at hand asks again.
UPDATE noctis_store SET price_revision = price_revision + 1;
