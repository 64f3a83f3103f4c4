-- Stages a batch of prices.
COPY pg_temp.staged_prices (type_id, day, price, average_price) FROM STDIN (FORMAT BINARY)
