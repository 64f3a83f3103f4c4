//! What comes back is what went, to the last digit, and tables and indexes are as if it had never been away.

use noctis_core::partition::Interval;
use noctis_store::partitions::{self, LockBudget};

use super::{Drill, LATER, NEWEST, at, kill};

/// Rows as nobody has ever seen them, of both ends of each month.
async fn put_edges(drill: &Drill, times: &[&str]) {
    let mut client = drill.client().await;
    let needed: Vec<_> = times.iter().map(|time| at(time)).collect();
    let applied =
        partitions::ensure(&mut client, &drill.policy, LockBudget::default(), at(LATER), &needed);
    assert_eq!(applied.await.unwrap().failed, []);
    let owner = drill.owner().await;
    for (number, time) in (1_000_i64..).zip(times) {
        for (id, isk, labels) in [
            (number * 10, "999999999999999999.99", "'{}'"),
            (number * 10 + 1, "-999999999999999999.99", r#"'{"",NULL,"a,b","\"{}\\"}'"#),
            (number * 10 + 2, "0.00", "'{solo,π}'"),
            (number * 10 + 3, "NULL", "'{x}'"),
            (number * 10 + 4, "0.01", "'{x}'"),
        ] {
            owner
                .batch_execute(&format!(
                    r#"INSERT INTO killmails_raw (killmail_id, "timestamp", system_id, ship_type_id, war_id, inserted_at,
                         attacker_count, player_count, killmail_hash, raw_payload, item_type_ids)
                       VALUES ({id}, '{time}', -9223372036854775808, 9223372036854775807, NULL,
                         '2026-11-22 00:00:00.000001+00', 2147483647, -2147483648, '\x00ff',
                         '{{"a": 1e-30, "b": [null, "\u00e9\"", 12345678901234567890.1234567890], "": {{}}}}',
                         '{{{id}, -1, 2147483647}}');
                       INSERT INTO killmails_enriched (killmail_id, "timestamp", enriched_at, npc, solo, awox, value_source,
                         isk_value, fitted_value, labels, module_tags, enrichment_blob, price_date, own_value)
                       VALUES ({id}, '{time}', '2026-11-22 23:59:59.999999+00', true, false, true, '', {isk}, {isk},
                         array_remove({labels}::text[], NULL), '{{}}', '[]', '2007-12-01', {isk});
                       INSERT INTO killmail_participants (killmail_id, "timestamp", damage, ordinal, security_status,
                         final_blow, first_of_corporation, first_of_alliance)
                       VALUES ({id}, '{time}', 9223372036854775807, 0, '-0', true, false, true),
                              ({id}, '{time}', 0, 2147483647, 3.4028235e38, false, false, false),
                              ({id}, '{time}', -1, 1, 1.17549435e-38, false, false, false);
                       INSERT INTO killmail_registry VALUES ({id}, '{time}', {id})"#
                ))
                .await
                .unwrap();
        }
    }
}

const TIMES: [&str; 8] = [
    "2007-12-01 00:00:00+00",
    "2007-12-31 23:59:59.999999+00",
    "2025-03-30 00:59:59.999999+00",
    "2025-03-30 01:00:00+00",
    "2025-10-26 00:30:00+00",
    "2025-10-31 23:59:59.999999+00",
    "2024-02-29 12:00:00+00",
    "2029-02-28 23:59:59.999999+00",
];

#[tokio::test]
async fn every_edge_value_comes_back_as_it_was() {
    for interval in [Interval::Month, Interval::Week] {
        let mut drill = Drill::with(&[kill(1, "2025-03-30T01:00:00Z")]).await;
        drill.policy.interval = interval;
        put_edges(&drill, &TIMES).await;
        let before = drill.rows().await;
        assert!(drill.retire(LATER).await.contains(&"detach"));
        assert_eq!(
            drill.number("SELECT count(*) FROM killmails_raw").await,
            1,
            "all but the newest"
        );
        let parts = drill.text("SELECT string_agg(DISTINCT month, ' ') FROM archive_parts").await;
        for month in parts.split(' ') {
            assert!(!drill.restore(month).await.is_empty());
        }
        let after = drill.rows().await;
        for (table, before) in before {
            assert_eq!(after[table], before, "{table} by {interval:?}");
        }
    }
}

#[tokio::test]
async fn kills_of_the_year_2100_come_back_too() {
    let drill = Drill::with(&[]).await;
    put_edges(&drill, &["2100-02-28 23:59:59.999999+00", "2102-01-01 00:00:00+00"]).await;
    let before = drill.rows().await;
    assert!(drill.retire("2110-01-01T00:00:00Z").await.contains(&"detach"));
    assert!(drill.parts().await.ends_with(", 2100-02/0 cold"));
    drill.restore("2100-02").await;
    drill.restore("2030-12").await;
    assert_eq!(drill.rows().await, before);
}

#[tokio::test]
async fn a_restored_month_has_all_indexes_adopted_and_stays_until_it_has_settled() {
    let drill =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-06-06T00:00:00Z")]).await;
    let before = drill.rows().await;
    let epoch = drill.number("SELECT epoch FROM noctis_store").await;
    let steps = drill.retire(LATER).await;
    assert_eq!(steps, ["close", "archive", "detach", "close", "archive", "detach"]);
    assert_eq!(drill.number("SELECT epoch FROM noctis_store").await, epoch + 2);
    assert_eq!(drill.parts().await, "2024-05/0 cold, 2024-06/0 cold");
    let restored = drill.restore("2024-05").await;
    assert_eq!((restored.len(), restored[0].kills), (1, 1));
    assert!(drill.leaves().await.starts_with("2024_05, "), "{}", drill.leaves().await);
    assert_eq!(drill.parts().await, "2024-05/0 restored, 2024-06/0 cold");
    // Nothing of the old leaf is left over; that of June waits for the end of its grace.
    assert_eq!(drill.number("SELECT count(*) FROM retired_leaves").await, 3);
    let indexes = "SELECT count(*) FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid \
                   WHERE x.indrelid = 'killmails_raw_2024_05'::regclass AND x.indisvalid";
    let parents = "SELECT count(*) FROM pg_index WHERE indrelid = 'killmails_raw'::regclass";
    assert_eq!(drill.number(indexes).await, drill.number(parents).await);
    let all = "SELECT count(*) FROM pg_index WHERE indrelid = 'killmails_raw_2024_05'::regclass";
    assert_eq!(drill.number(all).await, drill.number(parents).await, "built once, and adopted");
    drill.restore("2024-06").await;
    assert_eq!(drill.rows().await, before);

    // Moved just now by the database's clock: a run of the same day leaves it alone, one that is later does not.
    let today = drill
        .text(r#"SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#)
        .await;
    let planned = drill.plan(&today).await;
    assert!(planned.iter().all(|step| step.action() != "close"), "{planned:?}");
    drill.retire(LATER).await;
    assert_eq!(
        drill.parts().await,
        "2024-05/1 cold, 2024-06/1 cold",
        "the first parts are superseded"
    );
    assert!(!drill.folder.path().join("table=killmails_raw/month=2024-05/part-0.parquet").exists());
    assert_eq!(drill.archive.manifests().await.unwrap().len(), 2);
    drill.restore("2024-05").await;
    drill.restore("2024-06").await;
    assert_eq!(drill.rows().await, before);
    assert_eq!(NEWEST, "2030-12-24T12:00:00Z");
}
