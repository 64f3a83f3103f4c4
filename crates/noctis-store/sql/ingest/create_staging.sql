-- Where a batch's bodies lie before they are merged: a temporary table of this session, emptied at each commit.
SET temp_buffers = '64MB';
CREATE TEMPORARY TABLE IF NOT EXISTS staged_kills (
  position        INTEGER     NOT NULL,
  killmail_id     BIGINT      NOT NULL,
  "timestamp"     TIMESTAMPTZ NOT NULL,
  system_id       BIGINT      NOT NULL,
  ship_type_id    BIGINT      NOT NULL,
  war_id          BIGINT,
  attacker_count  INTEGER     NOT NULL,
  player_count    INTEGER     NOT NULL,
  killmail_hash   BYTEA,
  raw_payload     JSONB       NOT NULL,
  item_type_ids   INTEGER[]   NOT NULL
) ON COMMIT DELETE ROWS;
-- The batch's size differs from call to call: no plan is kept.
SET plan_cache_mode = force_custom_plan;
