-- Takes kills ($1 at most) that have no number yet out of the registry: their part is not taken over.
DELETE FROM killmail_registry
WHERE killmail_id IN (SELECT killmail_id FROM killmail_registry WHERE arrival = 0 LIMIT $1);
