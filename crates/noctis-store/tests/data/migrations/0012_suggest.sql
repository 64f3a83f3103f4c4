-- What migration 0012 brought: one name that was made ready to be suggested, and the gram of no letters, which it holds.
INSERT INTO suggest_names (no, activity, eve_id, name, ticker) VALUES (1, 1, 95465499, 'The victim', NULL);
INSERT INTO suggest_grams (gram, is_heavy, names) VALUES ('', false, '{1}');
INSERT INTO suggest_built (as_of, names, grams, seconds) VALUES ('2026-11-01+00', 1, 1, 0.5);
