-- A psql script: what each form of the participants' indexes costs and answers, on rows of one leaf (-v leaf=NAME -v rows=COUNT).
-- It works in tables of its own and removes them: size for a million rows, seconds that filling takes with this index alone,
-- and buffers that the newest 50 kills of somebody take, after VACUUM.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE TEMPORARY TABLE forms (place INTEGER, entity TEXT, form TEXT, definition TEXT, marked TEXT, seconds FLOAT8 DEFAULT 0);
INSERT INTO forms (place, entity, form, definition, marked) VALUES
  (0, '', 'no index', '', ''),
  (1, 'character_id', 'seed: (character, id)', '(character_id, killmail_id DESC)', ''),
  (2, 'character_id', 'every row, by time', '(character_id, "timestamp" DESC, killmail_id DESC) WHERE character_id IS NOT NULL', ''),
  (3, 'character_id', 'without the id', '(character_id, "timestamp" DESC) WHERE character_id IS NOT NULL', ''),
  (4, 'corporation_id', 'seed: (corporation, id)', '(corporation_id, killmail_id DESC)', ''),
  (5, 'corporation_id', 'every row, by time', '(corporation_id, "timestamp" DESC, killmail_id DESC) WHERE corporation_id IS NOT NULL', ''),
  (6, 'corporation_id', 'first of a kill', '(corporation_id, "timestamp" DESC, killmail_id DESC) WHERE corporation_id IS NOT NULL AND first_of_corporation', 'AND first_of_corporation'),
  (7, 'alliance_id', 'seed: (alliance, id)', '(alliance_id, killmail_id DESC)', ''),
  (8, 'alliance_id', 'every row, by time', '(alliance_id, "timestamp" DESC, killmail_id DESC) WHERE alliance_id IS NOT NULL', ''),
  (9, 'alliance_id', 'first of a kill', '(alliance_id, "timestamp" DESC, killmail_id DESC) WHERE alliance_id IS NOT NULL AND first_of_alliance', 'AND first_of_alliance');
CREATE TABLE measured_source AS SELECT * FROM :"leaf" ORDER BY killmail_id, ordinal LIMIT :rows;
ANALYZE measured_source;

-- Filled twice each, in turns; the shortest time counts, since other work only makes it longer.
DO $$
DECLARE
  form RECORD;
  begun TIMESTAMPTZ;
  took FLOAT8;
BEGIN
  FOR turn IN 1..2 LOOP
    FOR form IN SELECT * FROM forms ORDER BY place LOOP
      EXECUTE format('DROP TABLE IF EXISTS measured_%s', form.place);
      EXECUTE format('CREATE TABLE measured_%s (LIKE measured_source)', form.place);
      IF form.definition <> '' THEN
        EXECUTE format('CREATE INDEX measured_%s_idx ON measured_%s %s', form.place, form.place, form.definition);
      END IF;
      COMMIT;
      begun := clock_timestamp();
      EXECUTE format('INSERT INTO measured_%s SELECT * FROM measured_source', form.place);
      COMMIT;
      took := extract(epoch FROM clock_timestamp() - begun);
      UPDATE forms SET seconds = CASE seconds WHEN 0 THEN took ELSE least(seconds, took) END WHERE place = form.place;
    END LOOP;
  END LOOP;
END $$;
SELECT format('VACUUM (ANALYZE) measured_%s', place) FROM forms ORDER BY place \gexec

CREATE TEMPORARY TABLE answers (place INTEGER, who TEXT, kills BIGINT, buffers BIGINT, milliseconds FLOAT8);
DO $$
DECLARE
  form RECORD;
  somebody RECORD;
  question TEXT;
  plan JSON;
  time_order TEXT;
BEGIN
  FOR form IN SELECT * FROM forms WHERE entity <> '' ORDER BY place LOOP
    -- The busiest, and one in the middle of those with five kills or more.
    FOR somebody IN EXECUTE format(
      'WITH counted AS (
         SELECT %1$I AS id, count(DISTINCT killmail_id) AS kills FROM measured_source WHERE %1$I IS NOT NULL
         GROUP BY 1 HAVING count(DISTINCT killmail_id) >= 5)
       (SELECT ''busiest'' AS who, id, kills FROM counted ORDER BY kills DESC, id LIMIT 1)
       UNION ALL
       (SELECT ''typical'', id, kills FROM counted ORDER BY kills, id OFFSET (SELECT count(*) / 2 FROM counted) LIMIT 1)',
      form.entity)
    LOOP
      time_order := CASE WHEN form.form LIKE 'seed%' THEN 'killmail_id DESC' ELSE '"timestamp" DESC, killmail_id DESC' END;
      question := format(
        'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT DISTINCT %s FROM measured_%s WHERE %I = %s %s ORDER BY %s LIMIT 50',
        replace(time_order, ' DESC', ''), form.place, form.entity, somebody.id, form.marked, time_order);
      -- Once to warm up.
      EXECUTE question INTO plan;
      EXECUTE question INTO plan;
      INSERT INTO answers VALUES (
        form.place, somebody.who, somebody.kills,
        (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint,
        (plan -> 0 ->> 'Execution Time')::float8);
    END LOOP;
  END LOOP;
END $$;

SELECT count(*) AS participants, count(DISTINCT killmail_id) AS kills FROM measured_source;
SELECT
  COALESCE(NULLIF(f.entity, ''), '-') AS entity,
  f.form,
  round((1e6 * pg_relation_size(to_regclass(format('measured_%s_idx', f.place)))
    / 1e6 / (SELECT count(*) FROM measured_source))::numeric, 1)                        AS mb_per_million,
  round(f.seconds::numeric, 2)                                                            AS fill_s,
  round((f.seconds - (SELECT seconds FROM forms WHERE place = 0))::numeric, 2)            AS index_s,
  max(a.buffers) FILTER (WHERE a.who = 'busiest')                                         AS busiest_buffers,
  round(max(a.milliseconds) FILTER (WHERE a.who = 'busiest')::numeric, 2)                 AS busiest_ms,
  max(a.buffers) FILTER (WHERE a.who = 'typical')                                         AS typical_buffers,
  round(max(a.milliseconds) FILTER (WHERE a.who = 'typical')::numeric, 2)                 AS typical_ms
FROM forms f
LEFT JOIN answers a USING (place)
GROUP BY f.place, f.entity, f.form, f.seconds
ORDER BY f.place;
SELECT format('DROP TABLE measured_%s', place) FROM forms ORDER BY place \gexec
DROP TABLE measured_source;
