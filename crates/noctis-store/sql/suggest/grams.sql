-- Who holds these grams? For each the gram itself, or the light one that it begins with; nothing where nobody holds it.
SELECT asked.place, length(kept.gram) AS bytes, kept.is_heavy, kept.names
FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (gram, place)
CROSS JOIN LATERAL (
  SELECT gram, is_heavy, names
  FROM suggest_grams
  WHERE gram <= asked.gram
  ORDER BY gram DESC
  LIMIT 1
) AS kept
WHERE substring(asked.gram FOR length(kept.gram)) = kept.gram;
