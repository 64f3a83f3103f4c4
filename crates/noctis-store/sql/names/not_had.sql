-- Remembers of ids that lack this ($1) why they could not have it, and when to ask again.
UPDATE names_wanted AS w
SET tries = w.tries + 1, asked_at = $5, ask_after = $6, reason = $4
FROM unnest($2::text[], $3::bigint[]) AS asked (kind, eve_id)
WHERE w.wanted = $1 AND w.kind = asked.kind AND w.eve_id = asked.eve_id;
