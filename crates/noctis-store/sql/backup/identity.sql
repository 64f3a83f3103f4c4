-- Whose store is a backup of, and what would it be put back as?
SELECT s.store_id::text, s.generation, split_part(current_setting('server_version'), ' ', 1)
FROM noctis_store s;
