-- The tables that are filled before they take the places of the others. What an earlier run left is thrown away.
DROP TABLE IF EXISTS suggest_names_new, suggest_grams_new;
CREATE TABLE suggest_names_new (LIKE suggest_names);
CREATE TABLE suggest_grams_new (LIKE suggest_grams);
