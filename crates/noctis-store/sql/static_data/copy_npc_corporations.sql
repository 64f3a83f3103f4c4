-- Loads the table npc_corporations anew.
COPY npc_corporations (corporation_id, name) FROM STDIN (FORMAT BINARY)
