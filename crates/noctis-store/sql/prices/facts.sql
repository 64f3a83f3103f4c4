-- What is known of the prices of these types around these days? Of the worse sources ($5: of all) only where the better
-- say nothing. The Forge's averages of $3 days before and of the day itself; the nearest later one within $4 days.
SELECT
  n.type_id,
  n.day,
  o.price AS override_price,
  m.days,
  m.averages,
  b.cost  AS build_cost,
  l.day     AS later_day,
  l.average AS later_average,
  a.adjusted_price
FROM unnest($1::bigint[], $2::date[]) AS n (type_id, day)
LEFT JOIN LATERAL (
  SELECT p.price
  FROM price_overrides p
  WHERE p.type_id = n.type_id AND p.from_day <= n.day
  ORDER BY p.from_day DESC
  LIMIT 1
) o ON true
LEFT JOIN LATERAL (
  SELECT array_agg(p.day) AS days, array_agg(p.average) AS averages
  FROM market_prices p
  WHERE ($5 OR o.price IS NULL)
    AND p.type_id = n.type_id AND p.day >= n.day - $3::int AND p.day <= n.day AND p.average > 0
) m ON true
LEFT JOIN LATERAL (
  SELECT c.cost
  FROM build_costs c
  WHERE ($5 OR (o.price IS NULL AND m.days IS NULL))
    AND c.type_id = n.type_id AND c.cost > 0
  ORDER BY c.from_day > n.day, abs(c.from_day - n.day)
  LIMIT 1
) b ON true
LEFT JOIN LATERAL (
  SELECT p.day, p.average
  FROM market_prices p
  WHERE ($5 OR (o.price IS NULL AND m.days IS NULL AND b.cost IS NULL))
    AND p.type_id = n.type_id AND p.day > n.day AND p.day <= n.day + $4::int AND p.average > 0
  ORDER BY p.day
  LIMIT 1
) l ON true
LEFT JOIN LATERAL (
  SELECT x.adjusted_price
  FROM (
    (SELECT e.adjusted_price, 1 AS place FROM adjusted_prices e
     WHERE ($5 OR (o.price IS NULL AND m.days IS NULL AND b.cost IS NULL AND l.day IS NULL))
       AND e.type_id = n.type_id AND e.day <= n.day AND e.adjusted_price > 0
     ORDER BY e.day DESC
     LIMIT 1)
    UNION ALL
    (SELECT e.adjusted_price, 2 FROM adjusted_prices e
     WHERE ($5 OR (o.price IS NULL AND m.days IS NULL AND b.cost IS NULL AND l.day IS NULL))
       AND e.type_id = n.type_id AND e.day > n.day AND e.adjusted_price > 0
     ORDER BY e.day
     LIMIT 1)
  ) x
  ORDER BY x.place
  LIMIT 1
) a ON true;
