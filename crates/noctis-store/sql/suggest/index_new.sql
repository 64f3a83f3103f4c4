-- The new tables' keys, once they are full.
ALTER TABLE suggest_names_new ADD CONSTRAINT suggest_names_new_pkey PRIMARY KEY (no) WITH (fillfactor = 100);
ALTER TABLE suggest_grams_new ADD CONSTRAINT suggest_grams_new_pkey PRIMARY KEY (gram) WITH (fillfactor = 100);
ANALYZE suggest_names_new, suggest_grams_new;
