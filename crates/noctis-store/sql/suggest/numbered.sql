-- Who has these numbers?
SELECT no, eve_id, name, ticker, activity
FROM suggest_names
WHERE no = ANY ($1::integer[]);
