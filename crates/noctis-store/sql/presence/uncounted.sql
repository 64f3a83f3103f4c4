-- Is a kill of this range of time not counted yet, or counted as it was before it changed?
SELECT EXISTS (
  SELECT FROM killmail_registry g
  WHERE g.arrival > (SELECT arrival FROM presence_counted) AND g."timestamp" >= $1 AND g."timestamp" < $2
) OR EXISTS (
  SELECT FROM presence_changes WHERE "timestamp" >= $1 AND "timestamp" < $2
);
