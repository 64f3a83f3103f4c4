-- Gives a stored kill the hash that could not be computed from its body; of several the smallest, whichever came first.
UPDATE killmails_raw
SET killmail_hash = LEAST(killmail_hash, $3)
WHERE killmail_id = $1
  AND "timestamp" = $2
  AND killmail_hash IS DISTINCT FROM LEAST(killmail_hash, $3);
