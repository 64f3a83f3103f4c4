-- Which of these kills have ever been stored, archived ones included?
SELECT killmail_id
FROM killmail_registry
WHERE killmail_id = ANY ($1);
