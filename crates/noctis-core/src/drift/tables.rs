//! What a leaf or parent is by itself: its owner, rights, options, columns, constraints, and what hangs on it.

use std::collections::BTreeMap;

use super::{Column, Constraint, Drift, Fix, Kind, Role, Snapshot, Table};
use crate::archive::{self, columns};
use crate::partition::Member;
use crate::time::TimeRange;

pub(super) fn drifts(snapshot: &Snapshot) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for member in Member::ALL {
        let Some(parent) = snapshot.parent(member) else { continue };
        drifts.extend(own(parent));
        drifts.extend(parents_columns(member, parent));
        drifts.extend(parents_grants(parent));
        for leaf in snapshot.leaves(member) {
            drifts.extend(own(leaf));
            drifts.extend(leafs_rights(leaf, parent));
            drifts.extend(leafs_columns(leaf, parent));
            drifts.extend(leafs_constraints(leaf, snapshot.has_definitions));
        }
    }
    drifts
}

/// What neither a parent nor a leaf should have.
fn own(table: &Table) -> Vec<Drift> {
    let name = table.name.as_str();
    let mut drifts = Vec::new();
    let mut advise = |kind, detail: String, advice: String| {
        drifts.push(Drift::advised(kind, name, detail, advice));
    };
    for trigger in &table.triggers {
        let advice = format!("remove it by `drop trigger \"{trigger}\" on \"{name}\"`");
        advise(Kind::Trigger, format!("it has the trigger {trigger}"), advice);
    }
    for rule in &table.rules {
        let advice = format!("remove it by `drop rule \"{rule}\" on \"{name}\"`");
        advise(Kind::Rule, format!("it has the rule {rule}"), advice);
    }
    if table.row_security {
        let advice =
            format!("switch it off by `alter table \"{name}\" disable row level security`");
        advise(Kind::RowSecurity, "row security hides rows of it".into(), advice);
    }
    for policy in &table.policies {
        let advice = format!("remove it by `drop policy \"{policy}\" on \"{name}\"`");
        advise(Kind::RowSecurity, format!("it has the policy {policy}"), advice);
    }
    if !table.logged {
        let advice = format!(
            "`alter table \"{name}\" set logged` keeps it; that writes the table anew while nobody reads it"
        );
        advise(Kind::Unlogged, "after a crash it would be empty".into(), advice);
    }
    if !table.options.is_empty() {
        let reset = table
            .options
            .iter()
            .map(|option| option.split('=').next().unwrap_or_default().to_owned())
            .collect();
        let set: Vec<&str> = table.options.iter().map(String::as_str).collect();
        let fix = Fix::ResetOptions { table: name.to_owned(), reset };
        let detail = format!("it has storage options of its own: {}", set.join(", "));
        drifts.push(Drift::fixed(Kind::StorageOptions, name, detail, fix));
    }
    drifts
}

fn leafs_rights(leaf: &Table, parent: &Table) -> Vec<Drift> {
    let name = leaf.name.as_str();
    let mut drifts = Vec::new();
    if leaf.owner != parent.owner {
        let detail = format!("it belongs to {}, its parent to {}", leaf.owner, parent.owner);
        let advice = format!(
            "as {} or a superuser: `alter table \"{name}\" owner to \"{}\"`",
            leaf.owner, parent.owner
        );
        drifts.push(Drift::advised(Kind::Owner, name, detail, advice));
    }
    if leaf.tablespace != parent.tablespace {
        let place =
            |name: &str| if name.is_empty() { "the database's".into() } else { name.to_owned() };
        let (its, parents) = (place(&leaf.tablespace), place(&parent.tablespace));
        let detail = format!("it lies in the tablespace {its}, its parent in {parents}");
        let advice = "move it by `alter table … set tablespace`, which copies it while nobody uses it, or leave it";
        drifts.push(Drift::advised(Kind::Tablespace, name, detail, advice));
    }
    for (role, rights) in &leaf.grants {
        let parents = parent.grants.get(role);
        let more: Vec<&str> = rights
            .iter()
            .filter(|right| {
                !parents.is_some_and(|has| has.contains(*right)) && *role != parent.owner
            })
            .map(String::as_str)
            .collect();
        if !more.is_empty() {
            let detail = format!("{role} may {} here and not on its parent", more.join(", "));
            let fix = Fix::Revoke { table: name.to_owned(), from: role.clone() };
            drifts.push(Drift::fixed(Kind::Grants, name, detail, fix));
        }
    }
    drifts.extend(owners_rights(leaf));
    drifts
}

fn owners_rights(table: &Table) -> Option<Drift> {
    let fix = Fix::GrantOwner { table: table.name.clone(), owner: table.owner.clone() };
    let detail = format!("its owner {} lacks rights on it", table.owner);
    (!table.owner_has_all).then(|| Drift::fixed(Kind::Grants, &table.name, detail, fix))
}

/// The role that reads has to be able to, where it exists.
fn parents_grants(parent: &Table) -> Vec<Drift> {
    let mut drifts: Vec<Drift> = owners_rights(parent).into_iter().collect();
    if let Some(rights) = parent.grants.get(READER)
        && !rights.contains("SELECT")
    {
        let detail = format!("{READER} may not read it");
        drifts.push(Drift::fixed(Kind::Grants, &parent.name, detail, Fix::GrantReader));
    }
    drifts
}

/// The role that only reads. Snapshots list it with no rights where it exists and has none.
const READER: &str = "noctis_read";

/// The parent against what this noctis writes into it.
fn parents_columns(member: Member, parent: &Table) -> Vec<Drift> {
    let should = columns(member);
    let mut drifts = Vec::new();
    let mut advise = |detail: String, advice: &str| {
        drifts.push(Drift::advised(Kind::Column, parent.name.as_str(), detail, advice));
    };
    for column in should {
        match parent.columns.iter().find(|found| found.name == column.name) {
            None => advise(
                format!("it lacks the column {}", column.name),
                "restore it from a backup; noctis cannot work without it",
            ),
            Some(found) if found.not_null == column.nullable => advise(
                format!(
                    "its column {} {} be null, which noctis does not expect",
                    found.name,
                    if found.not_null { "may not" } else { "may" }
                ),
                "set it back by `alter table … alter column … set` or `drop not null`",
            ),
            Some(found) if found.kind != sql_name(column.kind) => advise(
                format!(
                    "its column {} is {}, not {}",
                    found.name,
                    found.kind,
                    sql_name(column.kind)
                ),
                "set it back by `alter table … alter column … type`, which writes every leaf anew",
            ),
            Some(_) => {}
        }
    }
    for found in &parent.columns {
        if !should.iter().any(|column| column.name == found.name) {
            advise(
                format!("it has a column {} that noctis does not know", found.name),
                "remove it, or it is missing in what goes to the archive",
            );
        }
    }
    drifts
}

pub(super) fn sql_name(kind: archive::Kind) -> &'static str {
    match kind {
        archive::Kind::Boolean => "boolean",
        archive::Kind::Int4 => "integer",
        archive::Kind::Int8 => "bigint",
        archive::Kind::Float4 => "real",
        archive::Kind::Isk => "numeric(20,2)",
        archive::Kind::Text => "text",
        archive::Kind::Bytea => "bytea",
        archive::Kind::Jsonb => "jsonb",
        archive::Kind::Timestamptz => "timestamp with time zone",
        archive::Kind::Date => "date",
        archive::Kind::TextArray => "text[]",
        archive::Kind::Int4Array => "integer[]",
    }
}

fn leafs_columns(leaf: &Table, parent: &Table) -> Vec<Drift> {
    let order = |table: &Table| -> Vec<String> {
        table.columns.iter().map(|column| column.name.clone()).collect()
    };
    let mut drifts = Vec::new();
    let found: BTreeMap<&str, &Column> =
        leaf.columns.iter().map(|column| (column.name.as_str(), column)).collect();
    for should in &parent.columns {
        // PostgreSQL attaches no table that lacks a column or has more.
        if let Some(column) = found.get(should.name.as_str()) {
            drifts.extend(column_drifts(&leaf.name, column, should));
        }
    }
    if order(leaf) != order(parent) {
        let detail = "its columns stand in another order than its parent's: every row is converted when it is written";
        let advice = "archive and restore its month, which makes it anew, or leave it";
        drifts.push(Drift::advised(Kind::ColumnOrder, leaf.name.as_str(), detail, advice));
    }
    drifts
}

fn column_drifts(leaf: &str, column: &Column, should: &Column) -> Vec<Drift> {
    let (table, name) = (leaf.to_owned(), column.name.clone());
    let mut drifts = Vec::new();
    let mut fixed = |kind, detail: String, fix| drifts.push(Drift::fixed(kind, leaf, detail, fix));
    if column.not_null && !should.not_null {
        let fix = Fix::DropNotNull { table: table.clone(), column: name.clone() };
        fixed(Kind::Column, format!("{name} may not be null here, but may on its parent"), fix);
    }
    if column.default != should.default && !column.generated {
        let says = |default: &Option<String>| default.clone().unwrap_or_else(|| "nothing".into());
        let detail = format!(
            "the default of {name} is {} here, {} on its parent",
            says(&column.default),
            says(&should.default)
        );
        let default = should.default.clone();
        let fix = Fix::SetDefault { table: table.clone(), column: name.clone(), default };
        fixed(Kind::Column, detail, fix);
    }
    if column.statistics_target != should.statistics_target {
        let target = should.statistics_target;
        let detail = format!(
            "the statistics target of {name} is {} here, {target} on its parent",
            column.statistics_target
        );
        let fix = Fix::SetStatistics { table: table.clone(), column: name.clone(), target };
        fixed(Kind::StatisticsTarget, detail, fix);
    }
    if column.storage != should.storage {
        let storage = should.storage.clone();
        let detail = format!("{name} is stored {} here, {storage} on its parent", column.storage);
        let fix = Fix::SetStorage { table: table.clone(), column: name.clone(), storage };
        fixed(Kind::ColumnStorage, detail, fix);
    }
    if column.compression != should.compression {
        let compression = should.compression.clone();
        let detail = format!(
            "{name} is compressed by {} here, by {compression} on its parent",
            column.compression
        );
        let fix = Fix::SetCompression { table, column: name, compression };
        fixed(Kind::ColumnStorage, detail, fix);
    }
    drifts
}

/// A leaf has its range as a check beside its bounds, so that it can be attached again without being read.
fn leafs_constraints(leaf: &Table, has_definitions: bool) -> Vec<Drift> {
    let Role::Leaf { range: Some(range), .. } = leaf.role else { return Vec::new() };
    let says_range = |found: &&Constraint| found.name.ends_with("_range") || found.range.is_some();
    let own: Vec<&Constraint> =
        leaf.constraints.iter().filter(|found| found.check && !found.refuses_all).collect();
    let mut drifts = Vec::new();
    if !own.iter().any(says_range) {
        drifts.push(check_range(leaf, range, Kind::MissingConstraint, None));
    }
    for constraint in own {
        let name = &constraint.name;
        if !constraint.validated {
            let detail = format!("its constraint {name} was never checked against its rows");
            let constraint = name.clone();
            let fix = Fix::ValidateConstraint { table: leaf.name.clone(), constraint };
            drifts.push(Drift::fixed(Kind::UnvalidatedConstraint, &leaf.name, detail, fix));
        }
        if constraint.inherited || !has_definitions {
            continue;
        }
        if says_range(&constraint) {
            if constraint.range != Some(range) {
                drifts.push(check_range(leaf, range, Kind::WrongConstraint, Some(name.clone())));
            }
        } else {
            let detail = format!("it has a constraint of its own, {name}, which may refuse kills");
            let advice =
                format!("remove it by `alter table \"{}\" drop constraint \"{name}\"`", leaf.name);
            drifts.push(Drift::advised(Kind::ExtraConstraint, leaf.name.as_str(), detail, advice));
        }
    }
    drifts
}

fn check_range(leaf: &Table, range: TimeRange, kind: Kind, replace: Option<String>) -> Drift {
    let detail = match &replace {
        Some(name) => format!("its constraint {name} says another range than its bounds, {range}"),
        None => "it lacks the check of its range, without which it cannot be attached again unread"
            .into(),
    };
    let fix = Fix::CheckRange { table: leaf.name.clone(), range, replace };
    Drift::fixed(kind, &leaf.name, detail, fix)
}
