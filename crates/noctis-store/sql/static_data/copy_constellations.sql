-- Loads the table constellations anew.
COPY constellations (constellation_id, name, region_id) FROM STDIN (FORMAT BINARY)
