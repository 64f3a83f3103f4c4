-- Up to which arrival are kills counted, and from which day on by day?
SELECT arrival, days_from, at FROM presence_counted;
