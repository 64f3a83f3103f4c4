-- A store as it is after migration 0001, with a row in each table.
UPDATE noctis_store SET static_data_build = 'a test';
INSERT INTO regions VALUES (10000002, 'The Forge');
INSERT INTO constellations VALUES (20000020, 'Kimotoro', 10000002);
INSERT INTO systems VALUES (30000142, 'Jita', 'Kimotoro', 'The Forge', 0.9459131360054016, 20000020, 10000002);
INSERT INTO type_categories VALUES (6, 'Ship');
INSERT INTO type_groups VALUES (25, 'Frigate', 6);
INSERT INTO types VALUES (587, 'Rifter', 25, 6, 64, 1, true);
