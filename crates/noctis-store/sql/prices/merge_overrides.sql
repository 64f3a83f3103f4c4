-- Enters the staged overrides, or writes anew those that have changed; the others are left as they are.
INSERT INTO price_overrides AS t (type_id, from_day, price)
SELECT s.type_id, s.day, s.price
FROM pg_temp.staged_prices s
ORDER BY s.type_id, s.day
ON CONFLICT (type_id, from_day) DO UPDATE
SET price = EXCLUDED.price
WHERE t.price IS DISTINCT FROM EXCLUDED.price;
