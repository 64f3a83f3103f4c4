-- What migration 0008 brought: an id without a name, one that ESI does not know. (names_walk has its row.)
INSERT INTO names_wanted (wanted, kind, eve_id, seen) VALUES ('name', 'character', 90000002, 3);
INSERT INTO names_wanted (wanted, kind, eve_id, seen, ask_after, asked_at, tries, reason)
VALUES ('name', 'character', 90000003, 1, '2026-12-01+00', '2026-11-01+00', 1, 'ESI does not know it');
