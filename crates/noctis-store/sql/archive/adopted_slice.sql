-- Up to which place go the next kills that are to be registered, $2 at most after the place $1, and of which times are they?
SELECT max(place) AS last, min("timestamp") AS time_first, max("timestamp") AS time_last
FROM (SELECT place, "timestamp" FROM adopted_ids WHERE place > $1 ORDER BY place LIMIT $2) slice;
