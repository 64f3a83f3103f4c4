-- When was it last made, from which names?
SELECT as_of, names, grams, seconds
FROM suggest_built;
