-- How many kills has this range of time?
SELECT count(*) FROM killmails_enriched WHERE "timestamp" >= $1 AND "timestamp" < $2;
