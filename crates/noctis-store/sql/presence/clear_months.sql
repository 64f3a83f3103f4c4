-- Takes away what is counted by month, from the one to before the other: it is counted anew.
DELETE FROM presence WHERE month >= $1 AND month < $2;
