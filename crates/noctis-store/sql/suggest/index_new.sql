-- The new tables' keys, once they are full.
SET maintenance_work_mem = '256MB';
ALTER TABLE suggest_names_new ADD CONSTRAINT suggest_names_new_pkey PRIMARY KEY (no) WITH (fillfactor = 100);
ALTER TABLE suggest_grams_new ADD CONSTRAINT suggest_grams_new_pkey PRIMARY KEY (gram) WITH (fillfactor = 100);
RESET maintenance_work_mem;
ANALYZE suggest_names_new, suggest_grams_new;
