-- Up to which arrival is counted? Nobody else counts until this transaction ends; no row where somebody is counting now.
SELECT arrival, days_from FROM presence_counted FOR UPDATE SKIP LOCKED;
