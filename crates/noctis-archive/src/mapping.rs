//! What the tables' columns were at older versions of the schema, and where the values of newer columns come from.
//!
//! A migration that adds a column to the group adds its line here; one that would take a column away or change its type
//! must say here what becomes of archived values, for nothing is dropped in silence.

use noctis_core::archive::{Column, columns};
use noctis_core::partition::Member;

/// A column that older archives do not have.
struct Added {
    /// The migration that brought it.
    version: i32,
    member: Member,
    column: &'static str,
    fill: Fill,
}

/// What an older archive's rows have in a newer column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    Null,
    /// Computed from the killmail's body, as ingest does.
    ItemTypeIds,
}

const ADDED: &[Added] = &[
    Added { version: 5, member: Member::Enriched, column: "own_value", fill: Fill::Null },
    Added { version: 5, member: Member::Enriched, column: "unpriced_count", fill: Fill::Null },
    Added { version: 5, member: Member::Enriched, column: "price_date", fill: Fill::Null },
    Added { version: 7, member: Member::Raw, column: "item_type_ids", fill: Fill::ItemTypeIds },
];

/// The columns that a table had at a version of the schema.
pub(crate) fn columns_at(version: i32, member: Member) -> Vec<Column> {
    let is_newer =
        |column: &Column| added(member, column.name).is_some_and(|it| it.version > version);
    columns(member).iter().filter(|column| !is_newer(column)).copied().collect()
}

/// Where the value of one of today's columns comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The column of the file with this number.
    File(usize),
    Fill(Fill),
}

/// For each of today's columns, where its value comes from in rows of these columns.
pub(crate) fn sources(member: Member, stored: &[Column]) -> Vec<Source> {
    let source = |column: &Column| {
        let found = stored.iter().position(|own| own.name == column.name);
        found.map_or_else(
            || {
                let added = added(member, column.name);
                Source::Fill(added.expect("only columns that were added are not stored").fill)
            },
            Source::File,
        )
    };
    columns(member).iter().map(source).collect()
}

fn added(member: Member, column: &str) -> Option<&'static Added> {
    ADDED.iter().find(|added| added.member == member && added.column == column)
}
