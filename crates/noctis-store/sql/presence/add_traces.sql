-- Writes down in which months there is what; most of it is known.
INSERT INTO presence_traces (kind, trace, month)
SELECT kind, trace, month
FROM unnest($1::smallint[], $2::text[], $3::date[]) AS new (kind, trace, month)
ON CONFLICT DO NOTHING;
