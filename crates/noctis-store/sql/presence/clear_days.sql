-- Takes away what is counted by day, from the one to before the other: it is counted anew.
DELETE FROM presence_days WHERE day >= $1 AND day < $2;
