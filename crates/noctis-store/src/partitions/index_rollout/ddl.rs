//! The statements of an index that is built leaf by leaf. Names are the catalog's word, so they are quoted.

use std::time::Duration;

use crate::partitions::ddl::moving::quoted;

/// Writers wait behind this lock, so it is asked for under a budget.
pub(super) fn lock_parent(table: &str) -> String {
    format!("LOCK TABLE ONLY {} IN SHARE MODE", quoted(table))
}

/// The index of the parent alone: not valid until every leaf has its part. `definition` follows the table's name.
pub(super) fn create_on_parent(index: &str, table: &str, definition: &str) -> String {
    format!("CREATE INDEX {} ON ONLY {} {definition}", quoted(index), quoted(table))
}

/// Nobody waits behind this but other maintenance. PostgreSQL names the index: ours could be too long.
pub(super) fn build(leaf: &str, definition: &str) -> String {
    format!("CREATE INDEX CONCURRENTLY ON {} {definition}", quoted(leaf))
}

pub(super) fn attach(parent_index: &str, index: &str) -> String {
    format!("ALTER INDEX {} ATTACH PARTITION {}", quoted(parent_index), quoted(index))
}

pub(super) fn drop_left_over(index: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {}", quoted(index))
}

pub(super) fn rebuild(index: &str) -> String {
    format!("REINDEX INDEX CONCURRENTLY {}", quoted(index))
}

/// For the session: what runs concurrently cannot stand in a transaction, so neither can its limit.
pub(super) fn limit(time: Duration) -> String {
    format!("SET statement_timeout = '{}ms'", time.as_millis())
}

pub(super) const NO_LIMIT: &str = "RESET statement_timeout";
