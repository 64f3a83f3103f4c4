-- Notes what the tables were made from.
INSERT INTO suggest_built (as_of, names, grams, seconds)
VALUES ($1, $2, $3, $4)
ON CONFLICT (only_row) DO UPDATE
SET as_of = EXCLUDED.as_of, names = EXCLUDED.names, grams = EXCLUDED.grams, seconds = EXCLUDED.seconds;
