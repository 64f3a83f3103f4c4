-- Empties the static tables within the transaction that loads them anew; readers see the old rows until it commits.
DELETE FROM types;
DELETE FROM type_groups;
DELETE FROM type_categories;
DELETE FROM systems;
DELETE FROM constellations;
DELETE FROM regions;
DELETE FROM factions;
DELETE FROM npc_corporations;
