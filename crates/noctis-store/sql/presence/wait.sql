-- Up to which arrival is counted? Nobody else counts until this transaction ends; whoever is counting now is waited for.
SELECT arrival, days_from FROM presence_counted FOR UPDATE;
