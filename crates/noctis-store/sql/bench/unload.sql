-- A psql script: writes the measured import's rows to files, in the order of their keys.
\copy (SELECT * FROM killmails_raw WHERE killmail_id >= 9000002000000000 ORDER BY killmail_id) TO 'raw.tsv'
\copy (SELECT * FROM killmails_enriched WHERE killmail_id >= 9000002000000000 ORDER BY killmail_id) TO 'enriched.tsv'
\copy (SELECT * FROM killmail_participants WHERE killmail_id >= 9000002000000000 ORDER BY killmail_id, ordinal) TO 'participants.tsv'
\copy (SELECT * FROM killmail_registry WHERE killmail_id >= 9000002000000000 ORDER BY killmail_id) TO 'registry.tsv'
