-- How many inputs are parked for which reason?
SELECT reason, count(*), sum(octet_length(bytes))::bigint
FROM killmails_parked
WHERE $1::text IS NULL OR reason = $1
GROUP BY reason
ORDER BY reason;
