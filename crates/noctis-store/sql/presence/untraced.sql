-- Of what these months have, what is not written down?
SELECT count(*)
FROM unnest($1::smallint[], $2::text[], $3::date[]) AS right_ones (kind, trace, month)
WHERE NOT EXISTS (
  SELECT FROM presence_traces t
  WHERE t.kind = right_ones.kind AND t.trace = right_ones.trace AND t.month = right_ones.month
);
