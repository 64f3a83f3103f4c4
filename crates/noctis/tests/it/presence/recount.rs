//! What everybody did, counted anew by SQL alone, out of tables and files, to be compared with what was counted.

use futures_util::{SinkExt, TryStreamExt};
use noctis_archive::Archive;
use noctis_core::partition::{Member, PartState};
use noctis_store::Client;
use noctis_store::partitions::ddl::moving;
use noctis_store::partitions::parts;

/// Counts whatever is in the three tables `of_files` and in the group, by this grain from this day on.
const RECOUNT: &str = r#"
    WITH mail AS (
      SELECT killmail_id, "timestamp", system_id, ship_type_id FROM killmails_raw
      UNION ALL SELECT killmail_id, "timestamp", system_id, ship_type_id FROM killmails_raw_of_files
    ), worth AS (
      SELECT killmail_id, npc, COALESCE(isk_value, 0) AS isk FROM killmails_enriched
      UNION ALL SELECT killmail_id, npc, COALESCE(isk_value, 0) FROM killmails_enriched_of_files
    ), party AS (
      SELECT killmail_id, ordinal, character_id, corporation_id, alliance_id, ship_type_id FROM killmail_participants
      UNION ALL
      SELECT killmail_id, ordinal, character_id, corporation_id, alliance_id, ship_type_id
      FROM killmail_participants_of_files
    ), part (killmail_id, lost, kind, id) AS (
      SELECT killmail_id, ordinal = 0, 1, character_id FROM party
      UNION SELECT killmail_id, ordinal = 0, 2, corporation_id FROM party
      UNION SELECT killmail_id, ordinal = 0, 3, alliance_id FROM party
      UNION SELECT killmail_id, false, 4, ship_type_id FROM party WHERE ordinal > 0
      UNION SELECT killmail_id, false, 5, t.group_id FROM party p JOIN types t ON t.type_id = p.ship_type_id
        WHERE p.ordinal > 0
      UNION SELECT killmail_id, true, 4, ship_type_id FROM mail
      UNION SELECT killmail_id, true, 5, t.group_id FROM mail m JOIN types t ON t.type_id = m.ship_type_id
      UNION SELECT killmail_id, false, 6, system_id FROM mail
      UNION SELECT killmail_id, false, 7, s.constellation_id FROM mail m JOIN systems s ON s.eve_id = m.system_id
      UNION SELECT killmail_id, false, 8, s.region_id FROM mail m JOIN systems s ON s.eve_id = m.system_id
    )
    SELECT format('%s %s %s: %s (%s pods, %s npc) %s, lost %s (%s pods, %s npc) %s', p.kind, p.id,
      date_trunc('GRAIN', m."timestamp" AT TIME ZONE 'UTC')::date,
      count(*) FILTER (WHERE NOT lost), count(*) FILTER (WHERE NOT lost AND t.group_id = 29),
      count(*) FILTER (WHERE NOT lost AND npc), trim_scale(COALESCE(sum(isk) FILTER (WHERE NOT lost), 0)),
      count(*) FILTER (WHERE lost), count(*) FILTER (WHERE lost AND t.group_id = 29),
      count(*) FILTER (WHERE lost AND npc), trim_scale(COALESCE(sum(isk) FILTER (WHERE lost), 0)))
    FROM part p
    JOIN mail m USING (killmail_id)
    JOIN worth w USING (killmail_id)
    LEFT JOIN types t ON t.type_id = m.ship_type_id
    WHERE p.id IS NOT NULL AND m."timestamp" >= 'FROM'
    GROUP BY p.kind, p.id, date_trunc('GRAIN', m."timestamp" AT TIME ZONE 'UTC')
    ORDER BY 1"#;

const COUNTED: &str = "
    SELECT format('%s %s %s: %s (%s pods, %s npc) %s, lost %s (%s pods, %s npc) %s', kind, entity_id, GRAIN,
      kills, pod_kills, npc_kills, trim_scale(isk_destroyed), losses, pod_losses, npc_losses, trim_scale(isk_lost))
    FROM TABLE WHERE GRAIN >= 'FROM' ORDER BY 1";

/// What the mails of a month have and no search by it would be led to.
const UNTRACED: &str = r#"
    WITH mail AS (
      SELECT "timestamp", item_type_ids FROM killmails_raw
      UNION ALL SELECT "timestamp", item_type_ids FROM killmails_raw_of_files
    ), worth AS (
      SELECT "timestamp", labels, module_tags FROM killmails_enriched
      UNION ALL SELECT "timestamp", labels, module_tags FROM killmails_enriched_of_files
    ), has (kind, trace, time) AS (
      SELECT 1, item::text, "timestamp" FROM mail, unnest(item_type_ids) AS item
      UNION ALL SELECT 2, label, "timestamp" FROM worth, unnest(labels) AS label
      UNION ALL SELECT 3, tag, "timestamp" FROM worth, unnest(module_tags) AS tag
    )
    SELECT format('%s %s %s', kind, trace, month)
    FROM (SELECT DISTINCT kind, trace, date_trunc('month', time AT TIME ZONE 'UTC')::date AS month FROM has) h
    WHERE NOT EXISTS (SELECT FROM presence_traces t WHERE t.kind = h.kind AND t.trace = h.trace AND t.month = h.month)
    ORDER BY 1"#;

async fn texts(client: &Client, query: &str) -> Vec<String> {
    client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Copies the rows of all parts that answer into tables beside the group.
async fn copy_files(client: &Client, archive: Option<&Archive>) {
    let parts = parts::parts(client).await.unwrap();
    let cold = parts.iter().filter(|part| part.state == PartState::Cold);
    let cold: Vec<_> = cold.map(|part| &part.manifest).collect();
    for member in Member::ALL {
        let (parent, table) = (member.table(), format!("{}_of_files", member.table()));
        let made =
            format!("DROP TABLE IF EXISTS {table}; CREATE TEMP TABLE {table} (LIKE {parent})");
        client.batch_execute(&made).await.unwrap();
        for part in &cold {
            let mut rows = std::pin::pin!(archive.unwrap().rows(part, member));
            let sink = client.copy_in(&moving::copy_in(member, &table)).await.unwrap();
            let mut sink = std::pin::pin!(sink);
            while let Some(bytes) = rows.try_next().await.unwrap() {
                sink.send(bytes).await.unwrap();
            }
            sink.finish().await.unwrap();
        }
    }
}

/// That everything is counted, and counted right; how many rows there are by month.
pub(crate) async fn assert_exact(client: &Client, archive: Option<&Archive>, when: &str) -> usize {
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    copy_files(client, archive).await;
    let waiting = "SELECT count(*)::text FROM presence_changes UNION ALL
        SELECT (GREATEST(COALESCE(max(arrival), 0), (SELECT arrival FROM presence_counted))
          - (SELECT arrival FROM presence_counted))::text FROM killmail_registry";
    assert_eq!(
        texts(client, waiting).await,
        ["0", "0"],
        "{when}: changes, kills that are not counted"
    );
    let from = texts(client, "SELECT days_from::text FROM presence_counted").await.remove(0);
    let mut months = 0;
    for (grain, table, from) in
        [("day", "presence_days", from.as_str()), ("month", "presence", "1970-01-01")]
    {
        let fill = |query: &str| {
            query
                .replace("GRAIN", grain)
                .replace("FROM TABLE", &format!("FROM {table}"))
                .replace("'FROM'", &format!("'{from}'"))
        };
        let (counted, anew) =
            (texts(client, &fill(COUNTED)).await, texts(client, &fill(RECOUNT)).await);
        for (counted, anew) in counted.iter().zip(&anew) {
            assert_eq!(counted, anew, "{when}: by {grain}");
        }
        assert_eq!(counted.len(), anew.len(), "{when}: rows by {grain}");
        months = counted.len();
    }
    assert_eq!(texts(client, UNTRACED).await, Vec::<String>::new(), "{when}: no search is led to");
    months
}
