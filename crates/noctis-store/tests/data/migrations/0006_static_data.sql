-- What migration 0006 brought: imported static data and the names that came with it.
INSERT INTO static_data (build, released, packed) VALUES (3650286, '2026-10-26', '\x28b52ffd');
INSERT INTO factions VALUES (500001, 'Caldari State');
INSERT INTO npc_corporations VALUES (1000035, 'Caldari Navy');
