-- What migration 0010 brought: a month in the archive, the leaf it came from, a month that was dropped, and the ledger.
INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at, moved_at)
VALUES ('2019-01', 0, '2019-01-01+00', '2019-02-01+00', 'cold', 12, '{}', '2026-11-01+00', '2026-11-01+00');
INSERT INTO retired_leaves (name, member, range_from, range_to, month, part)
VALUES ('killmails_raw_2019_01_retired_1', 'killmails_raw', '2019-01-01+00', '2019-02-01+00', '2019-01', 0);
INSERT INTO dropped_ranges (range_from, range_to, arrival_max, kills) VALUES ('2018-12-01+00', '2019-01-01+00', 3, 2);
INSERT INTO lifecycle_ledger (action, who) VALUES ('detach', 'noctis, somebody');
