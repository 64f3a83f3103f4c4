-- Loads the table types anew.
COPY types (type_id, name, group_id, category_id, market_group_id, meta_group_id, published) FROM STDIN (FORMAT BINARY)
