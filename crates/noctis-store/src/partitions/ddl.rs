//! Steps as SQL: pure, and with [`crate::compose`] the only place that formats SQL.
//!
//! Names come from [`Member`] and from leaf suffixes made by the plan, so there is nothing to escape.

pub mod moving;

use jiff::Timestamp;
use noctis_core::partition::{Member, Step};
use serde::Serialize;

/// One statement of a step's transaction, with what it does to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    pub sql: String,
    /// The locks it takes on tables that others use, weakest first.
    pub locks: Vec<Lock>,
    /// Whether it reads a table's rows.
    pub scans: bool,
}

/// A lock on a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    pub table: String,
    pub mode: &'static str,
}

/// The statements of a step, all of one transaction. The first takes all its locks at once: it alone waits, under the
/// lock budget.
pub fn statements(step: &Step) -> Vec<Statement> {
    let Step::Create { range, suffix, members } = step else { return Vec::new() };
    let mut statements = vec![lock_group(members)];
    for &member in members {
        let (parent, leaf) = (member.table(), Step::leaf_name(member, suffix));
        let (from, to) = (literal(range.from), literal(range.to));
        statements.push(Statement {
            sql: format!(
                "CREATE TABLE {leaf} (LIKE {parent} INCLUDING ALL EXCLUDING INDEXES, \
                 CONSTRAINT {leaf}_range CHECK (\"timestamp\" >= {from} AND \"timestamp\" < {to}))"
            ),
            locks: vec![Lock { table: parent.to_owned(), mode: "ACCESS SHARE" }],
            scans: false,
        });
        statements.push(Statement {
            sql: format!(
                "ALTER TABLE {parent} ATTACH PARTITION {leaf} FOR VALUES FROM ({from}) TO ({to})"
            ),
            locks: vec![
                Lock { table: parent.to_owned(), mode: "SHARE UPDATE EXCLUSIVE" },
                Lock { table: leaf, mode: "ACCESS EXCLUSIVE" },
            ],
            // The leaf is empty.
            scans: false,
        });
    }
    statements
}

/// Readers and writers are not disturbed by this mode; `ANALYZE` and other maintenance are waited for.
fn lock_group(members: &[Member]) -> Statement {
    let tables: Vec<&str> = members.iter().map(|member| member.table()).collect();
    Statement {
        sql: format!("LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE", tables.join(", ONLY ")),
        locks: tables
            .iter()
            .map(|&table| Lock { table: table.to_owned(), mode: "SHARE UPDATE EXCLUSIVE" })
            .collect(),
        scans: false,
    }
}

/// The statement that limits how long the locks may be waited for, all together.
///
/// A `lock_timeout` would count for each table anew. `LOCAL`: it ends with the transaction and never leaks into a pooled session.
pub fn lock_budget(milliseconds: u64) -> String {
    format!("SET LOCAL statement_timeout = '{milliseconds}ms'")
}

/// The statement that frees the room of a leaf's old row versions. Not truncated: that would keep readers waiting.
///
/// A leaf's name is the catalog's word, so it is quoted.
pub fn vacuum(leaf: &str) -> String {
    let quoted = leaf.replace('"', "\"\"");
    format!("VACUUM (TRUNCATE false, INDEX_CLEANUP on, ANALYZE) \"{quoted}\"")
}

/// A bound that means the same whatever the session's time zone is.
fn literal(time: Timestamp) -> String {
    format!("'{}+00'", noctis_core::time::eve_time(time))
}

#[cfg(test)]
mod tests {
    use noctis_core::partition::{Interval, Inventory, Policy, plan};

    use super::*;

    #[test]
    fn a_months_creation_reads_like_this() {
        let policy = Policy { interval: Interval::Month, ahead: 1, ..Policy::default() };
        let plan =
            plan(&policy, &Inventory::default(), "2025-12-15T00:00:00Z".parse().unwrap(), &[]);
        let sql: Vec<String> =
            statements(&plan.steps[0]).into_iter().map(|statement| statement.sql).collect();
        insta::assert_snapshot!(sql.join(";\n"), @r#"
        LOCK TABLE ONLY killmails_raw, ONLY killmails_enriched, ONLY killmail_participants IN SHARE UPDATE EXCLUSIVE MODE;
        CREATE TABLE killmails_raw_2025_12 (LIKE killmails_raw INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmails_raw_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmails_raw ATTACH PARTITION killmails_raw_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
        CREATE TABLE killmails_enriched_2025_12 (LIKE killmails_enriched INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmails_enriched_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmails_enriched ATTACH PARTITION killmails_enriched_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
        CREATE TABLE killmail_participants_2025_12 (LIKE killmail_participants INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmail_participants_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmail_participants ATTACH PARTITION killmail_participants_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00')
        "#);
    }
}
