-- The next part's kills come.
TRUNCATE adopted_kills;
