-- A retired table is gone.
DELETE FROM retired_leaves WHERE name = $1;
