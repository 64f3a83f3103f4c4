-- Fills the new table of grams.
COPY suggest_grams_new (gram, is_heavy, names)
FROM STDIN (FORMAT BINARY)
