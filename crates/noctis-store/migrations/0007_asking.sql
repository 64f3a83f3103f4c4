-- What the language of questions needs besides the tables' own columns: items, wars and people's names.

-- The types that a victim carried, containers' contents included, each once. What is no id of a type is left out.
CREATE FUNCTION killmail_item_type_ids(body JSONB) RETURNS INTEGER[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT COALESCE(array_agg(DISTINCT i.type_id::integer), '{}')
  FROM jsonb_path_query(
    body,
    '$.victim.items.**.item_type_id ? (@.type() == "number" && @ >= 1 && @ <= 2147483647)'
  ) AS i (type_id)
$$;

-- Kept by the database itself, so that no way of storing a body can forget it: docs/decisions/0021.
ALTER TABLE killmails_raw
  ADD COLUMN item_type_ids INTEGER[] NOT NULL GENERATED ALWAYS AS (killmail_item_type_ids(raw_payload)) STORED;
CREATE INDEX ON killmails_raw USING GIN (item_type_ids);

-- Few kills belong to a war: the index holds those alone.
CREATE INDEX ON killmails_raw (war_id, "timestamp" DESC, killmail_id DESC) WHERE war_id IS NOT NULL;

-- Names are asked for exactly, upper and lower case alike.
CREATE INDEX ON characters (lower(name));
CREATE INDEX ON corporations (lower(name));
CREATE INDEX ON alliances (lower(name));
