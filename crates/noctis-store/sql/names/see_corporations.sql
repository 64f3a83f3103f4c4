-- Writes in which alliance known corporations were last seen, where this is newer than what was seen before.
UPDATE corporations AS known
SET alliance_id = s.alliance_id, seen_at = s.seen_at
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS s (eve_id, alliance_id, seen_at)
WHERE known.eve_id = s.eve_id AND (known.seen_at IS NULL OR known.seen_at < s.seen_at);
