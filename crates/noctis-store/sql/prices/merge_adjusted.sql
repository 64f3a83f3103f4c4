-- Enters the staged figures of CCP, or writes anew those that have changed; the others are left as they are.
INSERT INTO adjusted_prices AS t (type_id, day, adjusted_price, average_price)
SELECT s.type_id, s.day, s.price, s.average_price
FROM pg_temp.staged_prices s
ORDER BY s.type_id, s.day
ON CONFLICT (type_id, day) DO UPDATE
SET adjusted_price = EXCLUDED.adjusted_price,
    average_price = EXCLUDED.average_price
WHERE (t.adjusted_price, t.average_price) IS DISTINCT FROM (EXCLUDED.adjusted_price, EXCLUDED.average_price);
