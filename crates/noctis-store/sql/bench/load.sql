-- A psql script: loads the same rows into the same tables with plain COPY, which is what an import is measured against.
\copy killmails_raw FROM 'raw.tsv'
\copy killmails_enriched FROM 'enriched.tsv'
\copy killmail_participants FROM 'participants.tsv'
\copy killmail_registry FROM 'registry.tsv'
