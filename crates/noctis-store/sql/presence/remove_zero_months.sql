-- Takes away those of these rows that nothing is left of: whoever has neither kill nor loss has no ISK of them either.
DELETE FROM presence p
USING unnest($1::bigint[], $2::smallint[], $3::date[]) AS gone (entity_id, kind, month)
WHERE p.entity_id = gone.entity_id
  AND p.kind = gone.kind
  AND p.month = gone.month
  AND p.kills = 0
  AND p.losses = 0;
