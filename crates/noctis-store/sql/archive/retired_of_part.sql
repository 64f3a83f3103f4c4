-- Which tables that were leaves of this part are still there?
SELECT name FROM retired_leaves WHERE month = $1 AND part = $2 ORDER BY name;
