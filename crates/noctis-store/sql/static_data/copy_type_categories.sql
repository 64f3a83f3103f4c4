-- Loads the table type_categories anew.
COPY type_categories (category_id, name) FROM STDIN (FORMAT BINARY)
