//! What is left half done: ranges out of step, holes, detaches cut off, tables nobody waits for, indexes not on every leaf.

use noctis_core::drift::Kind;
use noctis_store::partitions::MANAGER_LOCK;

use super::{drifts, fix, named, some_months};
use crate::kills::{column, count, until};

const GROUP: [&str; 3] = ["killmails_raw", "killmails_enriched", "killmail_participants"];

#[tokio::test]
async fn a_leaf_that_is_missing_in_one_table_is_told_by_the_others() {
    for lost in GROUP {
        let test = some_months().await;
        let owner = test.database.owner().await;
        owner
            .batch_execute(&format!("ALTER TABLE {lost} DETACH PARTITION {lost}_2026_08"))
            .await
            .unwrap();
        let found = drifts(&test).await;
        for other in GROUP.into_iter().filter(|other| *other != lost) {
            assert!(named(&found).contains(&format!("out_of_step {other}_2026_08")), "{found:#?}");
        }
        assert!(named(&found).contains(&format!("unclaimed_table {lost}_2026_08")), "{found:#?}");
        // Its rows are in the table that was detached, so none is made in its place.
        fix(&test, &found).await;
        assert_eq!(named(&drifts(&test).await), named(&found));
        owner
            .batch_execute(&format!(
                "ALTER TABLE {lost} ATTACH PARTITION {lost}_2026_08 \
                 FOR VALUES FROM ('2026-08-01 00:00+00') TO ('2026-09-01 00:00+00')"
            ))
            .await
            .unwrap();
        assert_eq!(drifts(&test).await, []);
    }
}

#[tokio::test]
async fn a_range_that_only_one_table_has_is_made_in_the_others() {
    for only in GROUP {
        let test = some_months().await;
        let sql = format!(
            "CREATE TABLE {only}_2026_04 (LIKE {only} INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT {only}_2026_04_range \
             CHECK (\"timestamp\" >= '2026-04-01 00:00+00' AND \"timestamp\" < '2026-05-01 00:00+00')); \
             ALTER TABLE {only} ATTACH PARTITION {only}_2026_04 \
             FOR VALUES FROM ('2026-04-01 00:00+00') TO ('2026-05-01 00:00+00')"
        );
        test.database.owner().await.batch_execute(&sql).await.unwrap();
        let found = drifts(&test).await;
        let expected = format!("out_of_step {only}_2026_04");
        assert_eq!(named(&found), [expected.clone(), expected], "{found:#?}");
        fix(&test, &found).await;
        assert_eq!(drifts(&test).await, []);
    }
}

#[tokio::test]
async fn bounds_that_a_time_zone_moved_leave_a_hole_and_an_overlap() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    // April as Helsinki has it, in one table.
    owner
        .batch_execute(
            "SET TimeZone = 'Europe/Helsinki'; \
             CREATE TABLE killmails_enriched_2026_05 PARTITION OF killmails_enriched \
               FOR VALUES FROM ('2026-05-01') TO ('2026-06-01'); SET TimeZone = 'UTC'; \
             CREATE TABLE killmails_raw_2026_05 PARTITION OF killmails_raw \
               FOR VALUES FROM ('2026-05-01') TO ('2026-06-01')",
        )
        .await
        .unwrap();
    let found = drifts(&test).await;
    for expected in [
        "gap killmails_enriched",
        "overlap killmails_enriched_2026_05",
        "overlap killmails_raw_2026_05",
        "misleading_name killmails_enriched_2026_05",
        "missing_constraint killmails_raw_2026_05",
    ] {
        assert!(named(&found).iter().any(|named| named == expected), "{expected}: {found:#?}");
    }
}

#[tokio::test]
async fn a_hole_ahead_of_now_is_filled() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    for table in GROUP {
        owner.batch_execute(&format!("DROP TABLE {table}_2026_12")).await.unwrap();
    }
    let found = drifts(&test).await;
    let gaps: Vec<String> =
        named(&found).into_iter().filter(|one| one.starts_with("gap")).collect();
    assert_eq!(gaps, ["gap killmail_participants", "gap killmails_enriched", "gap killmails_raw"]);
    fix(&test, &found).await;
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn a_detach_that_was_cut_off_is_finished_and_its_kills_are_found_again() {
    for table in GROUP {
        let test = some_months().await;
        let mut holder = test.database.owner().await;
        let open = holder.transaction().await.unwrap();
        open.batch_execute(&format!("SELECT count(*) FROM {table}")).await.unwrap();
        let detacher = test.database.owner().await;
        let pid = column(&detacher, "SELECT pg_backend_pid()").await.remove(0);
        let sql = format!("ALTER TABLE {table} DETACH PARTITION {table}_2026_08 CONCURRENTLY");
        let detaching = tokio::spawn(async move { detacher.batch_execute(&sql).await });
        let watcher = test.database.owner().await;
        until(&watcher, "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)").await;
        watcher.batch_execute(&format!("SELECT pg_terminate_backend({pid})")).await.unwrap();
        detaching.await.unwrap().unwrap_err();
        open.rollback().await.unwrap();
        let epoch = count(&watcher, "SELECT epoch FROM noctis_store").await;
        let lost = format!("SELECT count(*) FROM {table} WHERE killmail_id = 8");
        assert_eq!(count(&watcher, &lost).await, 0);
        let found = drifts(&test).await;
        assert!(named(&found).contains(&format!("pending_detach {table}_2026_08")), "{found:#?}");
        let pending: Vec<_> =
            found.into_iter().filter(|drift| drift.kind == Kind::PendingDetach).collect();
        fix(&test, &pending).await;
        assert!(count(&watcher, &lost).await > 0);
        let told = "SELECT count(*) FROM lifecycle_ledger WHERE action = 'finish_detach'";
        assert_eq!(count(&watcher, told).await, 1);
        assert_eq!(count(&watcher, "SELECT epoch FROM noctis_store").await, epoch + 1);
        assert_eq!(drifts(&test).await, []);
    }
}

#[tokio::test]
async fn an_index_that_is_not_on_every_leaf_is_built_there() {
    for (table, columns) in [
        ("killmails_raw", "(system_id, \"timestamp\" DESC, killmail_id DESC)"),
        ("killmails_enriched", "(enriched_at DESC)"),
        (
            "killmail_participants",
            "(character_id, \"timestamp\" DESC, killmail_id DESC) WHERE character_id IS NOT NULL",
        ),
    ] {
        let test = some_months().await;
        let owner = test.database.owner().await;
        let prefix = columns.split([' ', ',', ')']).next().unwrap().trim_start_matches('(');
        let name = column(
            &owner,
            &format!(
                "SELECT x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
                 WHERE i.indrelid = '{table}'::regclass AND x.relname LIKE '{table}_{prefix}%'"
            ),
        )
        .await
        .remove(0);
        // Dropped by somebody: gone from all leaves.
        owner.batch_execute(&format!("DROP INDEX {name}")).await.unwrap();
        assert_eq!(named(&drifts(&test).await), [format!("missing_index {table}")]);
        // Declared again, and cut off.
        owner
            .batch_execute(&format!("CREATE INDEX {name} ON ONLY {table} {columns}"))
            .await
            .unwrap();
        let found = drifts(&test).await;
        assert!(named(&found).contains(&format!("invalid_index {table}")), "{found:#?}");
        assert!(named(&found).contains(&format!("missing_index {table}_2026_08")), "{found:#?}");
        fix(&test, &found).await;
        assert_eq!(drifts(&test).await, []);
    }
}

/// What a build leaves that is cut off: not valid, of no use.
async fn leave_invalid(test: &noctis_store::testing::TestStore, sql: &str) {
    let mut holder = test.database.owner().await;
    let open =
        holder.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    let open = open.start().await.unwrap();
    open.batch_execute("SELECT count(*) FROM regions").await.unwrap();
    let client = test.database.owner().await;
    client.batch_execute("SET statement_timeout = '200ms'").await.unwrap();
    client.batch_execute(sql).await.unwrap_err();
    open.rollback().await.unwrap();
}

#[tokio::test]
async fn what_a_build_left_is_removed_and_an_attached_one_built_anew() {
    for table in GROUP {
        let test = some_months().await;
        let leaf = format!("{table}_2026_08");
        leave_invalid(
            &test,
            &format!("CREATE INDEX CONCURRENTLY left_over ON {leaf} (\"timestamp\")"),
        )
        .await;
        let found = drifts(&test).await;
        assert_eq!(named(&found), [format!("invalid_index {leaf}")], "{found:#?}");
        fix(&test, &found).await;
        assert_eq!(drifts(&test).await, []);
    }
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "DROP INDEX killmails_enriched_enriched_at_idx; \
             CREATE INDEX killmails_enriched_enriched_at_idx ON ONLY killmails_enriched (enriched_at DESC)",
        )
        .await
        .unwrap();
    leave_invalid(
        &test,
        "CREATE INDEX CONCURRENTLY attached_half ON killmails_enriched_2026_08 (enriched_at DESC)",
    )
    .await;
    owner
        .batch_execute(
            "ALTER INDEX killmails_enriched_enriched_at_idx ATTACH PARTITION attached_half",
        )
        .await
        .unwrap();
    let found = drifts(&test).await;
    assert!(
        named(&found).contains(&"invalid_index killmails_enriched_2026_08".to_owned()),
        "{found:#?}"
    );
    fix(&test, &found).await;
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn retired_tables_are_claimed_by_their_lines_until_their_grace_is_over() {
    for table in GROUP {
        let test = some_months().await;
        let owner = test.database.owner().await;
        let line = |name: &str, days: u32| {
            format!(
                "INSERT INTO retired_leaves VALUES ('{name}', '{table}', '2026-04-01+00', '2026-05-01+00', '2026-04', \
                 NULL, '2026-11-22 12:00+00'::timestamptz - interval '{days} days')"
            )
        };
        owner
            .batch_execute(&format!(
                "CREATE TABLE {table}_2026_04_retired_1 (LIKE {table}); {}",
                line(&format!("{table}_2026_04_retired_1"), 6)
            ))
            .await
            .unwrap();
        assert_eq!(drifts(&test).await, []);
        owner
            .batch_execute(&format!(
                "CREATE TABLE {table}_2026_04_retired_2 (LIKE {table}); {}; {}",
                line(&format!("{table}_2026_04_retired_2"), 9),
                line(&format!("{table}_2026_04_retired_3"), 1)
            ))
            .await
            .unwrap();
        let found = drifts(&test).await;
        assert_eq!(
            named(&found),
            [
                format!("grace_over {table}_2026_04_retired_2"),
                format!("retired_missing {table}_2026_04_retired_3")
            ]
        );
    }
}

#[tokio::test]
async fn a_range_that_is_closed_because_it_is_retired_is_no_drift_and_half_of_it_is() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    let verified = "INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at) \
        VALUES ('2026-08', 0, '2026-08-01+00', '2026-09-01+00', 'verified', 1, '{}', now())";
    owner.batch_execute(verified).await.unwrap();
    for table in GROUP {
        let sql = format!(
            "ALTER TABLE {table}_2026_08 ADD CONSTRAINT {table}_2026_08_closed CHECK (false) NOT VALID"
        );
        owner.batch_execute(&sql).await.unwrap();
        let found = drifts(&test).await;
        assert_eq!(found.is_empty(), table == GROUP[2], "{found:#?}");
    }
}

#[tokio::test]
async fn failure_23_parents_that_nobody_analyzed_are_analyzed() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO killmail_participants SELECT killmail_id, \"timestamp\", character_id, corporation_id, alliance_id, \
               faction_id, ship_type_id, weapon_type_id, damage, ordinal + n, security_status, false, false, false \
             FROM killmail_participants, generate_series(10, 60010) n WHERE killmail_id = 8 AND ordinal = 1; \
             ANALYZE killmail_participants_2026_08",
        )
        .await
        .unwrap();
    let found = drifts(&test).await;
    assert_eq!(named(&found), ["stale_statistics killmail_participants"], "{found:#?}");
    fix(&test, &found).await;
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn creation_does_not_wait_while_rows_are_read() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "ALTER TABLE killmails_raw_2026_08 DROP CONSTRAINT killmails_raw_2026_08_range, \
             ADD CONSTRAINT killmails_raw_2026_08_range CHECK (\"timestamp\" >= '2026-08-01+00' \
               AND \"timestamp\" < '2026-09-01+00') NOT VALID; \
             INSERT INTO killmail_participants SELECT killmail_id, \"timestamp\", character_id, corporation_id, alliance_id, \
               faction_id, ship_type_id, weapon_type_id, damage, ordinal + n, security_status, false, false, false \
             FROM killmail_participants, generate_series(10, 60010) n WHERE killmail_id = 8 AND ordinal = 1; \
             ANALYZE killmail_participants_2026_08",
        )
        .await
        .unwrap();
    let found = drifts(&test).await;
    let expected =
        ["stale_statistics killmail_participants", "unvalidated_constraint killmails_raw_2026_08"];
    assert_eq!(named(&found), expected, "{found:#?}");
    // Whoever makes partitions has the lock, and keeps it.
    let mut manager = test.store.client().await.unwrap();
    let held = MANAGER_LOCK.take(&mut manager).await.unwrap();
    fix(&test, &found).await;
    assert_eq!(drifts(&test).await, []);
    held.release().await.unwrap();
}
