-- Where does this part stand? Nobody else moves it until this transaction ends.
SELECT manifest, state, kills, verified_at, moved_at, fence FROM archive_parts WHERE month = $1 AND part = $2 FOR UPDATE;
