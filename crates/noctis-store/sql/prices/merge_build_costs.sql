-- Enters the staged build costs, or writes anew those that have changed; the others are left as they are.
INSERT INTO build_costs AS t (type_id, from_day, cost)
SELECT s.type_id, s.day, s.price
FROM pg_temp.staged_prices s
ORDER BY s.type_id, s.day
ON CONFLICT (type_id, from_day) DO UPDATE
SET cost = EXCLUDED.cost
WHERE t.cost IS DISTINCT FROM EXCLUDED.cost;
