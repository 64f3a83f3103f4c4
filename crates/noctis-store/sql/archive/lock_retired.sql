-- Is this table written down as retired, of which part, and where does that part stand?
SELECT r.member, r.range_from, r.range_to, r.month, r.part, p.state, p.manifest
FROM retired_leaves r
LEFT JOIN archive_parts p ON p.month = r.month AND p.part = r.part
WHERE r.name = $1
FOR UPDATE OF r;
