-- How many kills have arrived that were not looked through for ids? Arrivals have no gaps.
SELECT COALESCE((SELECT max(arrival) FROM killmail_registry), 0) - arrival FROM names_walk;
