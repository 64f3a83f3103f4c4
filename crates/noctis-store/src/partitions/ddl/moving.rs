//! The SQL that moves a month's rows: out to files, out of the group, and back into it.
//!
//! Names of leaves are the catalog's word, so they are quoted.

use noctis_core::archive::columns;
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;

use super::literal;

/// The mode in which partitions are attached: readers and writers go on.
pub(crate) const BESIDE_WRITERS: &str = "SHARE UPDATE EXCLUSIVE";

/// A name as SQL takes it, whatever is in it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn column_list(member: Member) -> String {
    let names: Vec<String> = columns(member).iter().map(|column| quoted(column.name)).collect();
    names.join(", ")
}

/// All rows of a table of this member, as the archive has them: its columns in its order, sorted as its files are.
pub fn copy_out(member: Member, table: &str) -> String {
    let order = match member {
        Member::Raw | Member::Enriched => "\"timestamp\", killmail_id",
        Member::Participants => "\"timestamp\", killmail_id, ordinal",
    };
    let (columns, table) = (column_list(member), quoted(table));
    format!("COPY (SELECT {columns} FROM ONLY {table} ORDER BY {order}) TO STDOUT (FORMAT BINARY)")
}

/// The other way.
pub fn copy_in(member: Member, table: &str) -> String {
    format!("COPY {} ({}) FROM STDIN (FORMAT BINARY)", quoted(table), column_list(member))
}

/// The rows of one table into another.
pub fn copy_over(member: Member, from: &str, to: &str) -> String {
    let columns = column_list(member);
    format!("INSERT INTO {} ({columns}) SELECT {columns} FROM ONLY {}", quoted(to), quoted(from))
}

/// A statement about a member's table, about this one instead.
pub fn about(sql: &str, member: Member, table: &str) -> String {
    sql.replacen(member.table(), &quoted(table), 1)
}

/// Lets a table of bodies find what it has already.
pub fn add_key(table: &str) -> String {
    format!("ALTER TABLE {} ADD PRIMARY KEY (killmail_id, \"timestamp\")", quoted(table))
}

/// Which of these kills ($1) has a table of bodies?
pub fn among(table: &str) -> String {
    format!("SELECT killmail_id FROM ONLY {} WHERE killmail_id = ANY ($1)", quoted(table))
}

/// The kills of a table of bodies with what was said of them, which stands in a table of enrichments.
pub fn mails(raw: &str, enriched: &str) -> String {
    format!(
        "SELECT r.raw_payload::text, r.killmail_hash, e.enrichment_blob ->> 'zkb', \
         COALESCE((e.enrichment_blob ->> 'zkb_rank')::bigint, 0) \
         FROM ONLY {} r LEFT JOIN ONLY {} e USING (killmail_id, \"timestamp\") ORDER BY r.killmail_id",
        quoted(raw),
        quoted(enriched)
    )
}

/// How many rows a table has.
pub fn count(table: &str) -> String {
    format!("SELECT count(*) FROM ONLY {}", quoted(table))
}

/// All tables in one statement, so that one budget holds for all.
pub fn lock(tables: &[String], mode: &str) -> String {
    let tables: Vec<String> = tables.iter().map(|table| quoted(table)).collect();
    format!("LOCK TABLE ONLY {} IN {mode} MODE", tables.join(", ONLY "))
}

/// Takes a leaf out of the group.
pub fn detach(member: Member, leaf: &str) -> String {
    format!("ALTER TABLE {} DETACH PARTITION {}", member.table(), quoted(leaf))
}

/// Ends a concurrent detach that was left pending.
pub fn finalize(member: Member, leaf: &str) -> String {
    format!("ALTER TABLE {} DETACH PARTITION {} FINALIZE", member.table(), quoted(leaf))
}

/// Removes the constraint that a concurrent detach leaves where the leaf has none that says its range.
pub fn drop_left(leaf: &str) -> String {
    let constraint = quoted(&format!("{leaf}_timestamp_check"));
    format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {constraint}", quoted(leaf))
}

/// Takes a table into the group.
pub fn attach(member: Member, table: &str, range: TimeRange) -> String {
    let (from, to) = (literal(range.from), literal(range.to));
    let parent = member.table();
    format!(
        "ALTER TABLE {parent} ATTACH PARTITION {} FOR VALUES FROM ({from}) TO ({to})",
        quoted(table)
    )
}

/// Gives a table another name.
pub fn rename(table: &str, name: &str) -> String {
    format!("ALTER TABLE {} RENAME TO {}", quoted(table), quoted(name))
}

/// Lets a table take no new rows: any that comes is refused, those that are there are not read.
pub fn add_closing(table: &str, constraint: &str) -> String {
    format!(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK (false) NOT VALID",
        quoted(table),
        quoted(constraint)
    )
}

/// Removes a constraint.
pub fn drop_constraint(table: &str, constraint: &str) -> String {
    format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted(table), quoted(constraint))
}

/// Removes a table, and nothing that hangs on it: PostgreSQL refuses if something does.
pub fn drop_table(table: &str) -> String {
    format!("DROP TABLE {}", quoted(table))
}

/// An empty table like the parent, never like a sibling, whose closing constraint it would take over. Without indexes: they
/// are built when the rows are there.
pub fn create(member: Member, table: &str) -> String {
    format!(
        "CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)",
        quoted(table),
        member.table()
    )
}

/// What lets ATTACH go without reading the rows: they are read here, where nobody waits.
pub fn add_range(table: &str, constraint: &str, range: TimeRange) -> String {
    format!("ALTER TABLE {} ADD {}", quoted(table), range_check(constraint, range))
}

/// The constraint that says a leaf's range.
pub fn range_check(constraint: &str, range: TimeRange) -> String {
    let (from, to) = (literal(range.from), literal(range.to));
    format!(
        "CONSTRAINT {} CHECK (\"timestamp\" >= {from} AND \"timestamp\" < {to})",
        quoted(constraint)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_out_in_the_order_of_the_files() {
        insta::assert_snapshot!(copy_out(Member::Participants, "killmail_participants_2025_06"), @r#"COPY (SELECT "killmail_id", "timestamp", "character_id", "corporation_id", "alliance_id", "faction_id", "ship_type_id", "weapon_type_id", "damage", "ordinal", "security_status", "final_blow", "first_of_corporation", "first_of_alliance" FROM ONLY "killmail_participants_2025_06" ORDER BY "timestamp", killmail_id, ordinal) TO STDOUT (FORMAT BINARY)"#);
    }

    #[test]
    fn a_strange_name_stays_a_name() {
        assert_eq!(drop_table("a\"; DROP"), "DROP TABLE \"a\"\"; DROP\"");
    }
}
