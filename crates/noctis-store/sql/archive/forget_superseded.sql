-- Forgets a part whose kills are in a later one.
DELETE FROM archive_parts WHERE month = $1 AND part = $2 AND state = 'restored';
