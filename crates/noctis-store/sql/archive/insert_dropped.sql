-- Of the kills of this range that have arrived until now nothing is left but their lines in the registry.
INSERT INTO dropped_ranges (range_from, range_to, arrival_max, kills)
SELECT $1, $2, COALESCE(max(arrival), 0), $3 FROM killmail_registry
ON CONFLICT (range_from, range_to, arrival_max) DO UPDATE SET kills = dropped_ranges.kills + EXCLUDED.kills;
