-- What else did this character lose shortly before and after this kill: the pod, or the ship it came from?
--
-- $1 the character, $2 and $3 the time around the kill, $4 the kill itself, $5 rows.
SELECT p."timestamp", p.killmail_id
FROM killmail_participants p
WHERE p.character_id = $1 AND p.ordinal = 0 AND p."timestamp" >= $2 AND p."timestamp" < $3 AND p.killmail_id <> $4
ORDER BY p."timestamp", p.killmail_id
LIMIT $5;
