-- Prices, and the value that noctis computes from them.
SELECT 1;
