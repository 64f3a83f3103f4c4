//! Steps as SQL: pure, and with [`crate::compose`] the only place that formats SQL.
//!
//! Names come from [`Member`] and from leaf suffixes made by the plan, so there is nothing to escape.

pub mod moving;

use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_core::partition::{Leaf, Member, Step};
use noctis_core::time::TimeRange;
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

/// The statements of a step, all of one transaction: what is locked, read and changed of partitions.
///
/// What is written down beside it in the same transaction, the ledger and the state of parts, is not among them.
/// The first takes all the locks of a creation, closing, opening or dropping at once: it alone waits, under the lock budget.
/// Leaving the group has two of that kind: the rows are counted between them, where readers still get through.
pub fn statements(step: &Step) -> Vec<Statement> {
    match step {
        Step::Create { range, suffix, members } => create(*range, suffix, members),
        Step::Close { leaves, .. } => {
            toggle(leaves, |leaf| moving::add_closing(&leaf.name, &closing_constraint(&leaf.name)))
        }
        Step::Reopen { leaves, .. } => toggle(leaves, |leaf| {
            moving::drop_constraint(&leaf.name, &closing_constraint(&leaf.name))
        }),
        Step::Archive { leaves, .. } => leaves
            .iter()
            .map(|leaf| Statement {
                sql: moving::copy_out(leaf.member, &leaf.name),
                locks: vec![lock_on(&leaf.name, "ACCESS SHARE")],
                scans: true,
            })
            .collect(),
        Step::Detach { name, leaves, .. } => leave(leaves, Some(name)),
        Step::Discard { leaves, .. } => leave(leaves, None),
        Step::Drop { tables, .. } => {
            let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
            let mut statements = vec![lock(&names, "ACCESS EXCLUSIVE")];
            statements.extend(names.iter().map(|name| Statement {
                sql: moving::drop_table(name),
                locks: vec![lock_on(name, "ACCESS EXCLUSIVE")],
                scans: false,
            }));
            statements
        }
    }
}

/// The constraint that keeps a leaf from taking new rows. PostgreSQL cuts names off at 63 bytes, here as anywhere.
pub fn closing_constraint(leaf: &str) -> String {
    format!("{leaf}_closed")
}

fn create(range: TimeRange, suffix: &str, members: &[Member]) -> Vec<Statement> {
    // Readers and writers are not disturbed by this mode; `ANALYZE` and other maintenance are waited for.
    let parents: Vec<String> = members.iter().map(|member| member.table().to_owned()).collect();
    let mut statements = vec![lock(&parents, "SHARE UPDATE EXCLUSIVE")];
    for &member in members {
        let (parent, leaf) = (member.table(), Step::leaf_name(member, suffix));
        let (from, to) = (literal(range.from), literal(range.to));
        statements.push(Statement {
            sql: format!(
                "CREATE TABLE {leaf} (LIKE {parent} INCLUDING ALL EXCLUDING INDEXES, \
                 CONSTRAINT {leaf}_range CHECK (\"timestamp\" >= {from} AND \"timestamp\" < {to}))"
            ),
            locks: vec![lock_on(parent, "ACCESS SHARE")],
            scans: false,
        });
        statements.push(Statement {
            sql: format!(
                "ALTER TABLE {parent} ATTACH PARTITION {leaf} FOR VALUES FROM ({from}) TO ({to})"
            ),
            locks: vec![
                lock_on(parent, "SHARE UPDATE EXCLUSIVE"),
                lock_on(&leaf, "ACCESS EXCLUSIVE"),
            ],
            // The leaf is empty.
            scans: false,
        });
    }
    statements
}

/// All leaves locked, then one statement each. `NOT VALID`, so no row is read.
fn toggle(leaves: &[Leaf], change: impl Fn(&Leaf) -> String) -> Vec<Statement> {
    let names: Vec<String> = leaves.iter().map(|leaf| leaf.name.clone()).collect();
    let mut statements = vec![lock(&names, "ACCESS EXCLUSIVE")];
    statements.extend(leaves.iter().map(|leaf| Statement {
        sql: change(leaf),
        locks: vec![lock_on(&leaf.name, "ACCESS EXCLUSIVE")],
        scans: false,
    }));
    statements
}

/// Leaves leave the group: counted while nobody writes, then all locks at once for what takes milliseconds.
fn leave(leaves: &[Leaf], part: Option<&PartName>) -> Vec<Statement> {
    let names: Vec<String> = leaves.iter().map(|leaf| leaf.name.clone()).collect();
    let mut statements = vec![lock(&names, "SHARE")];
    let counted = leaves.iter().filter(|leaf| part.is_some() || leaf.member == Member::Raw);
    statements.extend(counted.map(|leaf| Statement {
        sql: moving::count(&leaf.name),
        locks: vec![lock_on(&leaf.name, "ACCESS SHARE")],
        scans: true,
    }));
    let parents = Member::ALL.map(|member| member.table().to_owned());
    let all: Vec<String> = parents.into_iter().chain(names).collect();
    statements.push(lock(&all, "ACCESS EXCLUSIVE"));
    for leaf in leaves {
        let own = || lock_on(&leaf.name, "ACCESS EXCLUSIVE");
        let parent = lock_on(leaf.member.table(), "ACCESS EXCLUSIVE");
        let mut push = |sql, locks| statements.push(Statement { sql, locks, scans: false });
        push(moving::detach(leaf.member, &leaf.name), vec![parent, own()]);
        push(moving::drop_constraint(&leaf.name, &closing_constraint(&leaf.name)), vec![own()]);
        push(moving::rename(&leaf.name, &Step::retired_name(&leaf.name, part)), vec![own()]);
    }
    statements
}

fn lock(tables: &[String], mode: &'static str) -> Statement {
    Statement {
        sql: moving::lock(tables, mode),
        locks: tables.iter().map(|table| lock_on(table, mode)).collect(),
        scans: false,
    }
}

fn lock_on(table: &str, mode: &'static str) -> Lock {
    Lock { table: table.to_owned(), mode }
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
    format!("VACUUM (TRUNCATE false, INDEX_CLEANUP on, ANALYZE) {}", moving::quoted(leaf))
}

/// The greatest value of a column in one table, which an index on it answers.
pub(super) fn max_of(column: &str, table: &str) -> String {
    format!("SELECT max(\"{column}\") FROM ONLY {}", moving::quoted(table))
}

/// A bound that means the same whatever the session's time zone is.
fn literal(time: Timestamp) -> String {
    format!("'{}+00'", noctis_core::time::eve_time(time))
}

#[cfg(test)]
mod tests {
    use noctis_core::partition::{Interval, Inventory, Period, Policy, plan};

    use super::*;

    #[test]
    fn a_months_creation_reads_like_this() {
        let policy = Policy { interval: Interval::Month, ahead: 1, ..Policy::default() };
        let plan =
            plan(&policy, &Inventory::default(), "2025-12-15T00:00:00Z".parse().unwrap(), &[]);
        let sql: Vec<String> =
            statements(&plan.steps[0]).into_iter().map(|statement| statement.sql).collect();
        insta::assert_snapshot!(sql.join(";\n"), @r#"
        LOCK TABLE ONLY "killmails_raw", ONLY "killmails_enriched", ONLY "killmail_participants" IN SHARE UPDATE EXCLUSIVE MODE;
        CREATE TABLE killmails_raw_2025_12 (LIKE killmails_raw INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmails_raw_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmails_raw ATTACH PARTITION killmails_raw_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
        CREATE TABLE killmails_enriched_2025_12 (LIKE killmails_enriched INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmails_enriched_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmails_enriched ATTACH PARTITION killmails_enriched_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
        CREATE TABLE killmail_participants_2025_12 (LIKE killmail_participants INCLUDING ALL EXCLUDING INDEXES, CONSTRAINT killmail_participants_2025_12_range CHECK ("timestamp" >= '2025-12-01 00:00:00+00' AND "timestamp" < '2026-01-01 00:00:00+00'));
        ALTER TABLE killmail_participants ATTACH PARTITION killmail_participants_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00')
        "#);
    }

    /// The statements of a step about June 2025, each with its strongest lock and whether it scans.
    fn told(step: impl Fn(TimeRange, Vec<Leaf>) -> Step) -> String {
        let range =
            Period::containing(Interval::Month, "2025-06-15T00:00:00Z".parse().unwrap()).range();
        let leaf =
            |member| Leaf { member, name: Step::leaf_name(member, "2025_06"), range, closed: true };
        let statements = statements(&step(range, Member::ALL.map(leaf).to_vec()));
        let tell = |statement: Statement| {
            let scans = if statement.scans { "scans " } else { "" };
            format!("{scans}{}: {}", statement.locks.last().unwrap().mode, statement.sql)
        };
        statements.into_iter().map(tell).collect::<Vec<String>>().join("\n")
    }

    fn june() -> PartName {
        PartName { month: "2025-06".into(), part: 0 }
    }

    #[test]
    fn closing_reads_like_this_and_opening_undoes_it() {
        insta::assert_snapshot!(told(|range, leaves| Step::Close { range, leaves }));
        insta::assert_snapshot!(told(|range, leaves| Step::Reopen { range, leaves }));
    }

    #[test]
    fn archiving_detaching_and_dropping_read_like_this() {
        insta::assert_snapshot!(told(|range, leaves| Step::Archive {
            range,
            name: june(),
            leaves
        }));
        insta::assert_snapshot!(told(|range, leaves| Step::Detach { range, name: june(), leaves }));
        insta::assert_snapshot!(told(|range, leaves| Step::Discard { range, leaves }));
        insta::assert_snapshot!(told(|range, leaves| {
            let table = |leaf: &Leaf| noctis_core::partition::RetiredLeaf {
                name: Step::retired_name(&leaf.name, Some(&june())),
                member: leaf.member,
                range,
                part: Some(june()),
                retired_at: range.to,
            };
            Step::Drop { range, tables: leaves.iter().map(table).collect() }
        }));
    }
}
