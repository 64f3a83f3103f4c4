-- Leaves of this range take rows again: what was read back is no longer all they hold.
DELETE FROM archive_parts
WHERE state = 'verified'
  AND range_from = $1
  AND range_to = $2;
