-- Which parts of the archive answer, and as of which epoch? One statement, so that both are of one moment.
SELECT s.epoch, p.manifest
FROM noctis_store s
LEFT JOIN archive_parts p ON p.state = 'cold'
ORDER BY p.range_to DESC, p.month DESC, p.part DESC;
