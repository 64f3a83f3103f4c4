-- Which constraints keep this leaf closed?
SELECT k.oid, k.conname::text
FROM pg_constraint k
WHERE k.conrelid = to_regclass($1)
  AND k.contype = 'c'
  AND pg_get_constraintdef(k.oid) LIKE 'CHECK (false)%'
ORDER BY k.oid;
