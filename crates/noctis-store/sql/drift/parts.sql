-- Which parts does the archive have, by the store's word, and how large are they?
SELECT
  month,
  part,
  range_from,
  range_to,
  state,
  kills,
  COALESCE((SELECT sum((f.file ->> 'bytes')::bigint)
            FROM jsonb_array_elements(CASE jsonb_typeof(manifest -> 'files') WHEN 'array' THEN manifest -> 'files' ELSE '[]' END)
              AS f (file)), 0)::bigint AS bytes
FROM archive_parts
ORDER BY month, part;
