-- What migration 0002 brought: one kill in its month, one wanted, one parked, one file.
CREATE TABLE killmails_raw_2025_06 (LIKE killmails_raw INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE killmails_raw ATTACH PARTITION killmails_raw_2025_06
  FOR VALUES FROM ('2025-06-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');
CREATE TABLE killmails_enriched_2025_06 (LIKE killmails_enriched INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE killmails_enriched ATTACH PARTITION killmails_enriched_2025_06
  FOR VALUES FROM ('2025-06-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');
CREATE TABLE killmail_participants_2025_06 (LIKE killmail_participants INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE killmail_participants ATTACH PARTITION killmail_participants_2025_06
  FOR VALUES FROM ('2025-06-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');

INSERT INTO killmails_raw (killmail_id, "timestamp", system_id, ship_type_id, attacker_count, player_count, killmail_hash, raw_payload)
VALUES (1, '2025-06-02 03:04:05+00', 30000142, 587, 1, 1, '\xcb62fb62c0947e3909050f976b2a240b43dc005f',
        '{"killmail_id": 1, "victim": {"ship_type_id": 587, "items": [{"item_type_id": 34, "flag": 5, "singleton": 0}]}}');
INSERT INTO killmails_enriched (killmail_id, "timestamp", npc, solo, awox, value_source, isk_value, labels, module_tags, enrichment_blob)
VALUES (1, '2025-06-02 03:04:05+00', false, true, false, 'zkb', 12345.67, '{solo}', '{T2 Guns}', '{}');
INSERT INTO killmail_participants (killmail_id, "timestamp", character_id, corporation_id, damage, ordinal, final_blow, first_of_corporation, first_of_alliance)
VALUES (1, '2025-06-02 03:04:05+00', 90000001, 98000001, 500, 0, false, true, false),
       (1, '2025-06-02 03:04:05+00', 90000002, 98000002, 500, 1, true, true, false);
INSERT INTO killmail_registry VALUES (1, '2025-06-02 03:04:05+00', 1);
INSERT INTO killmails_wanted (killmail_id, source) VALUES (2, 'a test');
INSERT INTO killmails_parked (digest, reason, detail, source, bytes) VALUES ('\x00', 'broken_json', 'a test', 'a test', '\x7b');
INSERT INTO imported_files (sha256, name, bytes, read) VALUES ('\x00', 'a test', 1, 1);
