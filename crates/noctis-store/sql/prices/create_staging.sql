-- Where a batch of prices lies before it is merged: a temporary table of this session, emptied at each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_prices (
  type_id       BIGINT         NOT NULL,
  day           DATE           NOT NULL,
  price         NUMERIC(20, 2),
  average_price NUMERIC(20, 2)
) ON COMMIT DELETE ROWS;
