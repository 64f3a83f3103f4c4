-- The kills up to this arrival ($2) are looked through, if nobody has done so since it was $1.
UPDATE names_walk SET arrival = $2 WHERE arrival = $1;
