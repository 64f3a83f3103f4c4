-- The kills up to this arrival ($1) are counted, and those of the days from $2 on by day.
UPDATE presence_counted SET arrival = $1, days_from = $2, at = now();
