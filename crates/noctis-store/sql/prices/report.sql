-- How do our own values compare with zKillboard's, of kills in this range of time, by the group of the lost ship and (null)
-- over all? Ratios are own / zkb, of kills that have both.
SELECT
  g.name                                                  AS group_name,
  count(*)                                                AS kills,
  count(k.own_value)                                      AS with_own,
  count(k.zkb_value)                                      AS with_zkb,
  count(k.ratio)                                          AS compared,
  count(k.ratio) FILTER (WHERE k.unpriced_count > 0)      AS with_unpriced,
  percentile_cont(0.1) WITHIN GROUP (ORDER BY k.ratio)    AS p10,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY k.ratio)    AS median,
  percentile_cont(0.9) WITHIN GROUP (ORDER BY k.ratio)    AS p90
FROM (
  SELECT
    r.ship_type_id,
    e.own_value,
    e.unpriced_count,
    z.zkb_value,
    (e.own_value / NULLIF(z.zkb_value, 0))::double precision AS ratio
  FROM killmails_enriched e
  JOIN killmails_raw r ON r.killmail_id = e.killmail_id AND r."timestamp" = e."timestamp"
  CROSS JOIN LATERAL (SELECT (e.enrichment_blob -> 'zkb' ->> 'totalValue')::numeric AS zkb_value) z
  WHERE e."timestamp" >= $1
    AND e."timestamp" < $2
    AND r."timestamp" >= $1
    AND r."timestamp" < $2
) k
LEFT JOIN types t       ON t.type_id = k.ship_type_id
LEFT JOIN type_groups g ON g.group_id = t.group_id
GROUP BY GROUPING SETS ((g.group_id, g.name), ())
HAVING GROUPING(g.group_id) = 1 OR count(k.ratio) > 0
ORDER BY GROUPING(g.group_id) DESC, count(k.ratio) DESC, g.name;
