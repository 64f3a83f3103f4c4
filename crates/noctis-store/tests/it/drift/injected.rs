//! What somebody does to a leaf or parent by hand.

use std::collections::BTreeSet;

use noctis_core::drift::Kind;

use super::{drifts, fix, named, some_months};

const GROUP: [&str; 3] = ["killmails_raw", "killmails_enriched", "killmail_participants"];

/// One injected drift: SQL for each of the tables, where `{t}` is the parent and `{l}` its leaf of August, which is not the
/// latest; what is found on which table; and whether it is mended.
struct Case {
    sql: &'static str,
    found: &'static [&'static str],
    mended: bool,
}

const fn mended(sql: &'static str, found: &'static [&'static str]) -> Case {
    Case { sql, found, mended: true }
}

const fn named_only(sql: &'static str, found: &'static [&'static str]) -> Case {
    Case { sql, found, mended: false }
}

const CASES: &[Case] = &[
    // Indexes.
    named_only("CREATE INDEX own_{l} ON {l} (inserted_or_not)", &["extra_index {l}"]),
    mended("ALTER TABLE {l} SET (fillfactor = 70)", &["storage_options {l}"]),
    mended("ALTER TABLE {l} SET (autovacuum_enabled = false)", &["storage_options {l}"]),
    mended("ALTER TABLE {l} SET (toast.autovacuum_enabled = false)", &["storage_options {l}"]),
    mended("ALTER INDEX {l}_pkey SET (fillfactor = 70)", &["storage_options {l}"]),
    // Columns.
    mended(
        "ALTER TABLE {l} ALTER COLUMN killmail_id SET STATISTICS 17",
        &["statistics_target {l}"],
    ),
    mended("ALTER TABLE {l} ALTER COLUMN {text} SET STORAGE EXTERNAL", &["column_storage {l}"]),
    mended("ALTER TABLE {l} ALTER COLUMN {text} SET COMPRESSION pglz", &["column_storage {l}"]),
    mended("ALTER TABLE {l} ALTER COLUMN killmail_id SET DEFAULT 7", &["column {l}"]),
    mended(
        "UPDATE {l} SET {nullable} = 1; ALTER TABLE {l} ALTER COLUMN {nullable} SET DEFAULT 1, ALTER COLUMN {nullable} SET NOT NULL",
        &["column {l}", "column {l}"],
    ),
    // Constraints.
    mended("ALTER TABLE {l} DROP CONSTRAINT {l}_range", &["missing_constraint {l}"]),
    mended(
        "ALTER TABLE {l} DROP CONSTRAINT {l}_range, ADD CONSTRAINT {l}_range \
         CHECK (\"timestamp\" >= '2026-08-01 00:00+00' AND \"timestamp\" < '2026-09-01 00:00+00') NOT VALID",
        &["unvalidated_constraint {l}"],
    ),
    mended(
        "ALTER TABLE {l} DROP CONSTRAINT {l}_range, ADD CONSTRAINT {l}_range \
         CHECK (\"timestamp\" >= '2026-08-01 00:00+00' AND \"timestamp\" < '2026-08-31 00:00+00')",
        &["wrong_constraint {l}"],
    ),
    named_only(
        "ALTER TABLE {l} ADD CONSTRAINT not_zero CHECK (killmail_id <> 0)",
        &["extra_constraint {l}"],
    ),
    mended(
        "ALTER TABLE {l} ADD CONSTRAINT {l}_closed CHECK (false) NOT VALID",
        &["abandoned_closed {l}"],
    ),
    // Rights.
    mended("GRANT INSERT ON {l} TO noctis_read", &["grants {l}"]),
    mended("GRANT SELECT ON {l} TO PUBLIC", &["grants {l}"]),
    mended("REVOKE DELETE ON {l} FROM CURRENT_USER", &["grants {l}"]),
    mended("REVOKE SELECT ON {t} FROM noctis_read", &["grants {t}"]),
    named_only("ALTER TABLE {l} ENABLE ROW LEVEL SECURITY", &["row_security {l}"]),
    named_only("CREATE POLICY none ON {l} USING (false)", &["row_security {l}"]),
    // What hangs on it.
    named_only(
        "CREATE TRIGGER nosy BEFORE UPDATE ON {l} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        &["trigger {l}"],
    ),
    named_only("CREATE RULE deaf AS ON DELETE TO {l} DO INSTEAD NOTHING", &["rule {l}"]),
    named_only("CREATE RULE deaf AS ON DELETE TO {t} DO INSTEAD NOTHING", &["rule {t}"]),
    named_only("ALTER TABLE {l} SET UNLOGGED", &["unlogged {l}"]),
    // Names and places.
    named_only("ALTER TABLE {l} RENAME TO {t}_2026_03", &["misleading_name {t}_2026_03"]),
    named_only("CREATE TABLE {l}_retired_3 (LIKE {t})", &["unclaimed_table {l}_retired_3"]),
    named_only(
        "CREATE TABLE {t}_default PARTITION OF {t} DEFAULT",
        &["default_partition {t}_default"],
    ),
    // Indexes of parents.
    named_only("CREATE INDEX {t}_own ON {t} (killmail_id)", &["extra_index {t}"]),
];

fn fill(text: &str, table: &str) -> String {
    let (long, nullable) = match table {
        "killmails_raw" => ("raw_payload", "war_id"),
        "killmails_enriched" => ("enrichment_blob", "points"),
        _ => ("", "alliance_id"),
    };
    text.replace("inserted_or_not", "\"timestamp\"")
        .replace("{text}", long)
        .replace("{nullable}", nullable)
        .replace("{l}", "{t}_2026_08")
        .replace("{t}", table)
}

/// Injects a part of the cases and gives the kinds that were found.
async fn inject(cases: &[Case]) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    for case in cases {
        let test = some_months().await;
        let owner = test.database.owner().await;
        let mut expected = Vec::new();
        for table in GROUP {
            // Participants have nothing long.
            let long = case.sql.contains("{text}") || case.sql.contains("toast");
            if long && table == "killmail_participants" {
                continue;
            }
            let sql = fill(case.sql, table);
            owner.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            expected.extend(case.found.iter().map(|found| fill(found, table)));
        }
        expected.sort();
        let found = drifts(&test).await;
        assert_eq!(named(&found), expected, "{}: {found:#?}", case.sql);
        kinds.extend(found.iter().map(|drift| drift.kind));
        fix(&test, &found).await;
        let left = drifts(&test).await;
        let expected = if case.mended { Vec::new() } else { expected };
        assert_eq!(named(&left), expected, "{}: {left:#?}", case.sql);
        let lines = crate::kills::count(
            &owner,
            "SELECT count(*) FROM lifecycle_ledger WHERE action = 'mend'",
        )
        .await;
        assert_eq!(lines > 0, case.mended, "what is mended is in the ledger");
    }
    kinds
}

#[tokio::test]
async fn drift_of_indexes_options_and_columns_is_found_named_and_mended_where_it_is_safe() {
    let kinds = inject(&CASES[..CASES.len() / 3]).await;
    assert!(kinds.contains(&Kind::ColumnStorage), "{kinds:?}");
}

#[tokio::test]
async fn drift_of_constraints_and_rights_is_found_named_and_mended_where_it_is_safe() {
    let kinds = inject(&CASES[CASES.len() / 3..CASES.len() * 2 / 3]).await;
    assert!(kinds.contains(&Kind::Grants), "{kinds:?}");
}

#[tokio::test]
async fn what_hangs_on_a_leaf_and_what_is_called_like_one_is_found_and_named() {
    let kinds = inject(&CASES[CASES.len() * 2 / 3..]).await;
    assert!(kinds.contains(&Kind::UnclaimedTable), "{kinds:?}");
}
