-- How often have prices changed? 0 is: there are none.
SELECT price_revision FROM noctis_store;
