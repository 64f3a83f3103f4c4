-- Which tables were leaves and wait for their grace to end?
SELECT name, member, range_from, range_to, month, part, retired_at
FROM retired_leaves
ORDER BY name;
