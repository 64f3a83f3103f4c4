//! The statements of repairs. Names are the catalog's word, so they are quoted.

use noctis_core::drift::Fix;
use noctis_core::time::TimeRange;

use crate::partitions::ddl::moving::{self, quoted};

/// Statements of one transaction: the first take every lock, under the budget; the others may take their time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statements {
    pub(super) first: Vec<String>,
    pub(super) then: Vec<String>,
}

/// The statements of a repair that is one transaction of them; none for the others.
pub(super) fn statements(fix: &Fix) -> Option<Statements> {
    let alter =
        |table: &str, what: String| Some(first(format!("ALTER TABLE {} {what}", quoted(table))));
    let column = |table: &str, column: &str, what: String| {
        alter(table, format!("ALTER COLUMN {} {what}", quoted(column)))
    };
    match fix {
        Fix::SetIndexOptions { index, set, reset } => Some(index_options(index, set, reset)),
        Fix::Revoke { table, from } => {
            Some(first(format!("REVOKE ALL ON {} FROM {}", quoted(table), role(from))))
        }
        Fix::GrantOwner { table, owner } => {
            Some(first(format!("GRANT ALL ON {} TO {}", quoted(table), quoted(owner))))
        }
        Fix::ResetOptions { table, reset } => alter(table, format!("RESET ({})", reset.join(", "))),
        Fix::SetStatistics { table, column: name, target } => {
            column(table, name, format!("SET STATISTICS {target}"))
        }
        Fix::SetStorage { table, column: name, storage } => {
            column(table, name, format!("SET STORAGE {storage}"))
        }
        Fix::SetCompression { table, column: name, compression } => {
            column(table, name, format!("SET COMPRESSION {compression}"))
        }
        Fix::SetDefault { table, column: name, default } => column(
            table,
            name,
            default.as_ref().map_or("DROP DEFAULT".into(), |text| format!("SET DEFAULT {text}")),
        ),
        Fix::DropNotNull { table, column: name } => column(table, name, "DROP NOT NULL".into()),
        Fix::Reopen { table, constraints } => {
            let drops: Vec<String> = constraints
                .iter()
                .map(|name| format!("DROP CONSTRAINT {}", quoted(name)))
                .collect();
            alter(table, drops.join(", "))
        }
        Fix::BuildIndex { .. }
        | Fix::DropInvalidIndex { .. }
        | Fix::Reindex { .. }
        | Fix::GrantReader
        | Fix::CheckRange { .. }
        | Fix::ValidateConstraint { .. }
        | Fix::FinishDetach { .. }
        | Fix::Analyze { .. }
        | Fix::MakePartitions { .. }
        | Fix::MarkRestored { .. } => None,
    }
}

fn first(statement: String) -> Statements {
    Statements { first: vec![statement], then: Vec::new() }
}

fn index_options(index: &str, set: &[String], reset: &[String]) -> Statements {
    let index = quoted(index);
    let mut first = Vec::new();
    if !set.is_empty() {
        first.push(format!("ALTER INDEX {index} SET ({})", set.join(", ")));
    }
    if !reset.is_empty() {
        first.push(format!("ALTER INDEX {index} RESET ({})", reset.join(", ")));
    }
    Statements { first, then: Vec::new() }
}

/// The check is added without a look at the rows; it is looked at by [`validate`], beside readers and writers.
pub(super) fn add_range(table: &str, range: TimeRange, replace: Option<&str>) -> String {
    let drop = replace.map_or(String::new(), |name| format!("DROP CONSTRAINT {}, ", quoted(name)));
    let check = moving::range_check(&format!("{table}_range"), range);
    format!("ALTER TABLE {} {drop}ADD {check} NOT VALID", quoted(table))
}

/// It reads the rows, and only other maintenance waits for it.
pub(super) fn validate(table: &str, constraint: &str) -> Statements {
    Statements {
        first: vec![format!("LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE", quoted(table))],
        then: vec![format!(
            "ALTER TABLE {} VALIDATE CONSTRAINT {}",
            quoted(table),
            quoted(constraint)
        )],
    }
}

pub(super) fn analyze(table: &str) -> String {
    format!("ANALYZE {}", quoted(table))
}

/// How many rows a table has, counted up to a bound.
pub(super) fn count(table: &str, rows_max: i64) -> String {
    format!("SELECT count(*) FROM (SELECT FROM {} LIMIT {rows_max}) AS bounded", quoted(table))
}

fn role(name: &str) -> String {
    if name == "PUBLIC" { name.to_owned() } else { quoted(name) }
}
