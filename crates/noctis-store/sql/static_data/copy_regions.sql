-- Loads the table regions anew.
COPY regions (region_id, name) FROM STDIN (FORMAT BINARY)
