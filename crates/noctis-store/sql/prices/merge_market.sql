-- Enters the staged averages of the Forge, or writes anew those that have changed; the others are left as they are.
INSERT INTO market_prices AS t (type_id, day, average)
SELECT s.type_id, s.day, s.price
FROM pg_temp.staged_prices s
ORDER BY s.type_id, s.day
ON CONFLICT (type_id, day) DO UPDATE
SET average = EXCLUDED.average
WHERE t.average IS DISTINCT FROM EXCLUDED.average;
