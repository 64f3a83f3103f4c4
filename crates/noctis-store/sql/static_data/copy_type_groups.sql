-- Loads the table type_groups anew.
COPY type_groups (group_id, name, category_id) FROM STDIN (FORMAT BINARY)
