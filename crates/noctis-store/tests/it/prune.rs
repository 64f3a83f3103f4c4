//! A range of time touches only its months: in all three tables, in joins as people write them, through the views.

use std::collections::BTreeSet;

use noctis_store::testing::TestStore;
use tokio_postgres::Client;

use crate::explain::{plan, tables};
use crate::kills::{ATTACKER_ALLIANCE, JITA, column, ensure_months, kill, store};

/// Two years of months, kills in each.
pub(crate) async fn two_years() -> TestStore {
    let test = TestStore::new().await;
    ensure_months(&test, "2025-01-01T00:00:00Z", 23).await;
    let mut kills = Vec::new();
    for month in 0..22 {
        let (year, month) = (2025 + month / 12, month % 12 + 1);
        for day in 1..=20 {
            let time = format!("{year}-{month:02}-{day:02}T12:00:00Z");
            kills.push(kill(kills.len() as i64 + 1, &time));
        }
    }
    store(&test, &kills).await;
    test
}

/// Which partitions a statement reads, and of which members.
async fn partitions(client: &Client, statement: &str) -> BTreeSet<String> {
    let tables = tables(&plan(client, statement).await);
    tables.into_iter().filter(|table| table.starts_with("killmail")).collect()
}

const RAW: &str = "killmails_raw";
const ENRICHED: &str = "killmails_enriched";
const PARTICIPANTS: &str = "killmail_participants";

fn june(column: &str) -> String {
    format!("{column} >= '2025-06-01+00' AND {column} < '2025-07-01+00'")
}

/// Statements on the tables for one month, June 2025, and the members each reads.
fn for_june() -> Vec<(String, Vec<&'static str>)> {
    let time = june("r.\"timestamp\"");
    vec![
        (format!("SELECT count(*) FROM killmails_raw r WHERE {time}"), vec![RAW]),
        (format!("SELECT count(*) FROM killmails_enriched r WHERE {time}"), vec![ENRICHED]),
        (format!("SELECT count(*) FROM killmail_participants r WHERE {time}"), vec![PARTICIPANTS]),
        (
            format!(
                "SELECT r.killmail_id FROM killmails_raw r WHERE system_id = {JITA} AND {time} ORDER BY r.\"timestamp\" DESC LIMIT 50"
            ),
            vec![RAW],
        ),
        (
            format!(
                "SELECT r.killmail_id, e.isk_value FROM killmails_raw r JOIN killmails_enriched e USING (killmail_id, \"timestamp\") WHERE {time}"
            ),
            vec![RAW, ENRICHED],
        ),
        // The bound on the other table.
        (
            format!(
                "SELECT e.killmail_id, e.raw_payload FROM killmails_enriched r JOIN killmails_raw e USING (killmail_id, \"timestamp\") WHERE {time} AND isk_value > 100000000"
            ),
            vec![RAW, ENRICHED],
        ),
        (
            format!(
                "SELECT r.killmail_id FROM killmails_raw r JOIN killmails_enriched e USING (killmail_id, \"timestamp\") JOIN killmail_participants p USING (killmail_id, \"timestamp\") WHERE p.alliance_id = {ATTACKER_ALLIANCE} AND {time}"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
        (
            format!(
                "SELECT p.character_id, count(*) FROM killmails_raw r JOIN killmail_participants p USING (killmail_id, \"timestamp\") WHERE {time} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
            ),
            vec![RAW, PARTICIPANTS],
        ),
    ]
}

/// The same through the views.
fn for_june_through_views() -> Vec<(String, Vec<&'static str>)> {
    let view_time = june("killmail_time");
    vec![
        (format!("SELECT * FROM eve.kills WHERE {view_time}"), vec![RAW, ENRICHED, PARTICIPANTS]),
        (
            format!(
                "SELECT killmail_id, value FROM eve.kills WHERE solar_system_name = 'Jita' AND {view_time} ORDER BY killmail_time DESC LIMIT 50"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
        (
            format!(
                "SELECT region_name, count(*), sum(value) FROM eve.kills WHERE {view_time} GROUP BY 1"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
        (
            format!(
                "SELECT * FROM eve.kills WHERE final_blow_character_name = 'Somebody' AND module_tags @> ARRAY['T2 Guns'] AND {view_time}"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
        (
            format!("SELECT * FROM eve.participants WHERE {view_time} AND role = 'attacker'"),
            vec![PARTICIPANTS],
        ),
        (
            format!(
                "SELECT item_type_name, sum(quantity_dropped) FROM eve.items WHERE {view_time} GROUP BY 1"
            ),
            vec![RAW],
        ),
        (
            format!(
                "SELECT k.solar_system_name, p.character_name FROM eve.kills k JOIN eve.participants p USING (killmail_id, killmail_time) WHERE {view_time}"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
        (
            format!(
                "SELECT k.value, i.item_type_name FROM eve.kills k JOIN eve.items i USING (killmail_id, killmail_time) WHERE {view_time}"
            ),
            vec![RAW, ENRICHED, PARTICIPANTS],
        ),
    ]
}

#[tokio::test]
async fn a_month_asked_for_is_the_only_one_touched() {
    let test = two_years().await;
    let reader = test.database.reader().await;
    let owner = test.database.owner().await;
    assert_eq!(column(&reader, "SELECT count(*) FROM eve.coverage").await, ["24"]);
    let mut wrong = Vec::new();
    // Without statistics, as a fresh import is, and with them.
    for analyzed in [false, true] {
        if analyzed {
            owner.batch_execute("ANALYZE").await.unwrap();
        }
        for (statement, members) in for_june().into_iter().chain(for_june_through_views()) {
            let touched = partitions(&reader, &statement).await;
            let expected: BTreeSet<String> =
                members.iter().map(|member| format!("{member}_2025_06")).collect();
            if touched != expected {
                wrong.push(format!("analyzed {analyzed}: {statement}\n  touches {touched:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn two_months_asked_for_are_the_only_ones_touched() {
    let test = two_years().await;
    let reader = test.database.reader().await;
    let question = "SELECT * FROM eve.kills WHERE killmail_time >= '2025-12-15 00:00:00+00' AND killmail_time < '2026-01-15 00:00:00+00'";
    let expected: BTreeSet<String> = [RAW, ENRICHED, PARTICIPANTS]
        .iter()
        .flat_map(|member| [format!("{member}_2025_12"), format!("{member}_2026_01")])
        .collect();
    assert_eq!(partitions(&reader, question).await, expected);
    let rows = reader.query(question, &[]).await.unwrap();
    assert_eq!(rows.len(), 20, "six of December, fourteen of January");
}
