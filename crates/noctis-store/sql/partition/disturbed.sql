-- When was a range that ends by this time last made, opened again or brought back from the archive?
SELECT range_from, range_to, max(at) AS at
FROM (
  SELECT range_from, range_to, at FROM lifecycle_ledger WHERE action IN ('create', 'reopen')
  UNION ALL
  SELECT range_from, range_to, moved_at FROM archive_parts WHERE state = 'restored'
) events
WHERE range_to <= $1
  AND at IS NOT NULL
GROUP BY range_from, range_to;
