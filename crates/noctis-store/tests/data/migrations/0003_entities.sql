-- What migration 0003 brought: names, a user, his profile with a tree of filters.
INSERT INTO characters (eve_id, name, corporation_id) VALUES (90000001, 'The victim', 98000001);
INSERT INTO corporations (eve_id, name, ticker) VALUES (98000001, 'Theirs', 'THEIR');
INSERT INTO alliances (eve_id, name, ticker) VALUES (99000001, 'All of theirs', 'ALL');
INSERT INTO users (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'me');
INSERT INTO users_characters (user_id, character_id) VALUES ('00000000-0000-0000-0000-000000000001', 90000001);
INSERT INTO surveillance_profiles (id, user_id, name)
VALUES ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000001', 'Jita');
INSERT INTO surveillance_filters (id, profile_id, parent_id, filter_type, operator, value, order_index)
VALUES ('00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-00000000000a', NULL, 'all', 'and', '{}', 1),
       ('00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-00000000000a',
        '00000000-0000-0000-0000-0000000000f1', 'system', 'in', '{"ids": [30000142]}', 1);
