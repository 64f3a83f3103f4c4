-- Fills the new table of names.
COPY suggest_names_new (no, activity, eve_id, name, ticker)
FROM STDIN (FORMAT BINARY)
