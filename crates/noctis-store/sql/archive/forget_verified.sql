-- Forgets a part whose leaf has changed since it was read: it is archived anew.
DELETE FROM archive_parts WHERE month = $1 AND part = $2 AND state = 'verified';
