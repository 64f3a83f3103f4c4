-- A table that was a leaf waits for its grace to end.
INSERT INTO retired_leaves (name, member, range_from, range_to, month, part) VALUES ($1, $2, $3, $4, $5, $6);
