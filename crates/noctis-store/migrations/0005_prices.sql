-- Prices, and the value that noctis computes from them. Which of them is a type's price on a day: docs/enrichment.md.

-- The Forge's daily averages (region 10000002). EVE has about 12,000 rows a day, 4.4 million a year; the key carries the
-- average, since the days of one type, written a day at a time, lie all over the table.
CREATE TABLE market_prices (
  type_id BIGINT         NOT NULL,
  day     DATE           NOT NULL,
  average NUMERIC(20, 2) NOT NULL,
  PRIMARY KEY (type_id, day) INCLUDE (average)
);

-- CCP's own figures as ESI gave them on a day, about 15,000 rows each time they are imported.
CREATE TABLE adjusted_prices (
  type_id        BIGINT NOT NULL,
  day            DATE   NOT NULL,
  adjusted_price NUMERIC(20, 2),
  average_price  NUMERIC(20, 2),
  PRIMARY KEY (type_id, day)
);

-- What the host says one was worth from a day on, until the next such day of the type.
CREATE TABLE price_overrides (
  type_id  BIGINT         NOT NULL,
  from_day DATE           NOT NULL,
  price    NUMERIC(20, 2) NOT NULL,
  PRIMARY KEY (type_id, from_day)
);

-- What it took to build one from a day on.
CREATE TABLE build_costs (
  type_id  BIGINT         NOT NULL,
  from_day DATE           NOT NULL,
  cost     NUMERIC(20, 2) NOT NULL,
  PRIMARY KEY (type_id, from_day)
);

-- Grows whenever a price changes, so that whoever keeps prices at hand knows when to ask again; 0 is: there are none.
ALTER TABLE noctis_store ADD COLUMN price_revision BIGINT NOT NULL DEFAULT 0;

-- Our own value, whichever prevails; its parts are in enrichment_blob. Null where no price is known.
ALTER TABLE killmails_enriched
  ADD COLUMN own_value      NUMERIC(20, 2),
  ADD COLUMN unpriced_count INTEGER,
  ADD COLUMN price_date     DATE;
