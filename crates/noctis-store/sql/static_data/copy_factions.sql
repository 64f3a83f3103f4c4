-- Loads the table factions anew.
COPY factions (faction_id, name) FROM STDIN (FORMAT BINARY)
