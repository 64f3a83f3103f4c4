-- What the language of questions needs besides the tables' own columns: items, wars and people's names.

-- The types that a victim carried, containers' contents included, each once. What is no id of a type is left out.
-- Ingest writes the same from now on (Killmail::item_type_ids in noctis-core).
CREATE FUNCTION killmail_item_type_ids(body JSONB) RETURNS INTEGER[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT COALESCE(array_agg(DISTINCT i.type_id::integer), '{}')
  FROM jsonb_path_query(
    body,
    '$.victim.items.**.item_type_id ? (@.type() == "number" && @ >= 1 && @ <= 2147483647)'
  ) AS i (type_id)
$$;

-- For the kills that are there the database computes it while it writes each table anew, once and without dead rows;
-- from then on it is a column like others, which ingest fills at a tenth of the cost: docs/decisions/0021.
ALTER TABLE killmails_raw
  ADD COLUMN item_type_ids INTEGER[] NOT NULL GENERATED ALWAYS AS (killmail_item_type_ids(raw_payload)) STORED;
ALTER TABLE killmails_raw ALTER COLUMN item_type_ids DROP EXPRESSION;
CREATE INDEX ON killmails_raw USING GIN (item_type_ids);
DROP FUNCTION killmail_item_type_ids (JSONB);

-- Few kills belong to a war: the index holds those alone.
CREATE INDEX ON killmails_raw (war_id, "timestamp" DESC, killmail_id DESC) WHERE war_id IS NOT NULL;

-- Names are asked for exactly, upper and lower case alike.
CREATE INDEX ON characters (lower(name));
CREATE INDEX ON corporations (lower(name));
CREATE INDEX ON alliances (lower(name));
