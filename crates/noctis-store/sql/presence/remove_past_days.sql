-- Takes away the days that are long past, as far as $2 rows.
DELETE FROM presence_days
WHERE ctid = ANY (ARRAY(SELECT ctid FROM presence_days WHERE day < $1 LIMIT $2));
