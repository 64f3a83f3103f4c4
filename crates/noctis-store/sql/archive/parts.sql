-- Which parts does the archive have, and where does each stand?
SELECT manifest, state, kills, verified_at, moved_at, fence FROM archive_parts ORDER BY month, part;
