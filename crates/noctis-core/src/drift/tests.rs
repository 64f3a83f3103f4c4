//! Comparisons that need no database, and those that a test's role has no right to bring about in one.

use jiff::Timestamp;

use super::*;
use crate::partition::{Part, PartState};
use crate::time::TimeRange;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn month(from: &str, to: &str) -> TimeRange {
    TimeRange { from: at(&format!("{from}T00:00:00Z")), to: at(&format!("{to}T00:00:00Z")) }
}

fn table(name: String, role: Role) -> Table {
    Table {
        name,
        role,
        owner: "noctis".into(),
        grants: [("noctis_read".to_owned(), ["SELECT".to_owned()].into())].into(),
        owner_has_all: true,
        options: [].into(),
        tablespace: String::new(),
        logged: true,
        row_security: false,
        policies: vec![],
        triggers: vec![],
        rules: vec![],
        columns: vec![],
        indexes: vec![],
        constraints: vec![],
        rows_estimated: None,
        rows_counted: None,
        freeze_age: 0,
        analyzed_at: None,
    }
}

/// Parents and leaves of November 2026 to January 2027.
fn group() -> Snapshot {
    let months = [
        ("2026_11", month("2026-11-01", "2026-12-01")),
        ("2026_12", month("2026-12-01", "2027-01-01")),
        ("2027_01", month("2027-01-01", "2027-02-01")),
    ];
    let mut snapshot = Snapshot::default();
    for member in Member::ALL {
        let mut parent = table(member.table().to_owned(), Role::Parent(member));
        let sql_columns = crate::archive::columns(member).iter().map(|column| Column {
            name: column.name.to_owned(),
            kind: super::tables::sql_name(column.kind).to_owned(),
            not_null: !column.nullable,
            default: None,
            generated: false,
            statistics_target: -1,
            storage: "PLAIN".into(),
            compression: "default".into(),
        });
        parent.columns = sql_columns.collect();
        for (suffix, range) in months {
            let name = format!("{}_{suffix}", member.table());
            let role = Role::Leaf { member, range: Some(range), detach_pending: false };
            let mut leaf = table(name.clone(), role);
            leaf.columns.clone_from(&parent.columns);
            leaf.grants.clear();
            leaf.constraints = vec![Constraint {
                name: format!("{name}_range"),
                check: true,
                validated: true,
                refuses_all: false,
                inherited: false,
                range: Some(range),
            }];
            snapshot.tables.push(leaf);
        }
        snapshot.tables.push(parent);
    }
    snapshot.has_definitions = true;
    snapshot.locks.locks_max = 6_400;
    snapshot.freeze_age_max = 200_000_000;
    snapshot
}

/// `kind table` of what is found on 22 November 2026.
fn found(snapshot: &Snapshot) -> Vec<String> {
    let policy = Policy::default();
    let should = Should { now: at("2026-11-22T12:00:00Z"), policy: &policy, indexes: &[] };
    find(snapshot, &should)
        .iter()
        .map(|drift| format!("{} {}", drift.kind.name(), drift.table))
        .collect()
}

fn leaf<'a>(snapshot: &'a mut Snapshot, name: &str) -> &'a mut Table {
    snapshot.tables.iter_mut().find(|table| table.name == name).unwrap()
}

#[test]
fn a_group_as_it_should_be_has_no_drift() {
    assert_eq!(found(&group()), Vec::<String>::new());
}

#[test]
fn what_a_superuser_can_do_to_a_leaf_is_told() {
    for member in Member::ALL {
        let name = format!("{}_2026_12", member.table());
        let check = |change: fn(&mut Table), kind: &str| {
            let mut snapshot = group();
            change(leaf(&mut snapshot, &name));
            assert_eq!(found(&snapshot), [format!("{kind} {name}")]);
        };
        check(|leaf| leaf.owner = "postgres".into(), "owner");
        check(|leaf| leaf.tablespace = "slow".into(), "tablespace");
        check(|leaf| leaf.freeze_age = 350_000_000, "freeze_age");
        check(|leaf| leaf.columns.swap(2, 3), "column_order");
    }
}

#[test]
fn a_parent_that_lacks_a_column_or_has_another_is_told() {
    for member in Member::ALL {
        let mut snapshot = group();
        for table in
            snapshot.tables.iter_mut().filter(|table| table.name.starts_with(member.table()))
        {
            let last = table.columns.len() - 1;
            table.columns[last].name = "another".into();
        }
        let expected = format!("column {}", member.table());
        assert_eq!(found(&snapshot), [expected.clone(), expected]);
    }
}

#[test]
fn questions_over_all_time_that_would_exhaust_the_locks_are_told() {
    let mut snapshot = group();
    // Twelve tables without indexes, four questions at once.
    snapshot.locks.locks_max = 47;
    assert_eq!(found(&snapshot), ["lock_table partitions"]);
    snapshot.locks.locks_max = 48;
    assert_eq!(found(&snapshot), Vec::<String>::new());
}

#[test]
fn partitions_that_end_within_a_week_are_told() {
    let mut snapshot = group();
    snapshot.tables.retain(|table| table.name.ends_with("2026_11") || table.range().is_none());
    let policy = Policy::default();
    let on = |now: &str| {
        let should = Should { now: at(now), policy: &policy, indexes: &[] };
        find(&snapshot, &should).len()
    };
    assert_eq!(on("2026-11-23T23:59:00Z"), 0);
    assert_eq!(on("2026-11-24T00:01:00Z"), 1);
    assert_eq!(on("2027-03-01T00:00:00Z"), 1);
}

#[test]
fn a_default_partition_is_told_once() {
    let mut snapshot = group();
    let member = Member::Enriched;
    let role = Role::Leaf { member, range: None, detach_pending: false };
    let mut rest = table("killmails_enriched_rest".into(), role);
    rest.columns.clone_from(&snapshot.parent(member).unwrap().columns);
    snapshot.tables.push(rest);
    assert_eq!(found(&snapshot), ["default_partition killmails_enriched_rest"]);
}

#[test]
fn counts_add_up_over_leaves_parts_and_what_was_dropped() {
    let mut snapshot = group();
    let range = month("2026-12-01", "2027-01-01");
    let part = |state| ArchivePart {
        part: Part {
            name: crate::archive::PartName { month: "2026-12".into(), part: 0 },
            range,
            state,
        },
        kills: 10,
        bytes: 0,
    };
    let found = |snapshot: &Snapshot, registered, dropped, stored| {
        registry(snapshot, &[RangeRows { range, registered, dropped, stored }])
    };
    let kinds = |snapshot: &Snapshot, registered, stored| {
        let found = found(snapshot, registered, 0, stored);
        found.into_iter().map(|drift| drift.kind).collect::<Vec<_>>()
    };
    let is_mended = |snapshot: &Snapshot, registered, stored| {
        matches!(found(snapshot, registered, 0, stored)[..], [Drift { mend: Mend::Fix(_), .. }])
    };
    assert_eq!(kinds(&snapshot, 5, 5), []);
    assert_eq!(kinds(&snapshot, 5, 4), [Kind::Orphan]);
    assert_eq!(kinds(&snapshot, 4, 5), [Kind::Orphan]);
    snapshot.parts = vec![part(PartState::Verified)];
    assert_eq!(kinds(&snapshot, 10, 10), [], "the leaf still answers");
    snapshot.parts = vec![part(PartState::Cold)];
    assert_eq!(kinds(&snapshot, 12, 2), [], "two came late");
    assert_eq!(kinds(&snapshot, 10, 10), [Kind::HotAndArchived]);
    assert_eq!(kinds(&snapshot, 13, 2), [Kind::Orphan]);
    assert!(is_mended(&snapshot, 10, 10) && is_mended(&snapshot, 12, 12));
    assert!(!is_mended(&snapshot, 12, 11), "a kill is in the archive alone");
    assert!(!is_mended(&snapshot, 2, 2), "the archive has kills that the leaf has not");
    assert_eq!(found(&snapshot, 15, 3, 2), []);
    let lost = found(&snapshot, 15, 2, 2);
    assert!(lost[0].detail.starts_with("1 kills"), "one was imported again and lost: {lost:?}");
}

#[test]
fn what_is_counted_together_has_time_in_common() {
    let mut snapshot = group();
    snapshot.dropped = vec![month("2026-10-15", "2026-11-10")];
    let bounds: Vec<String> =
        snapshot.count_bounds().iter().map(|bound| crate::time::day(*bound).to_string()).collect();
    assert_eq!(bounds, ["2026-10-15", "2026-12-01", "2027-01-01", "2027-02-01"]);
}
