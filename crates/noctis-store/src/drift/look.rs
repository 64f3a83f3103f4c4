//! Reading the catalog into a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use noctis_core::archive::PartName;
use noctis_core::drift::{
    ArchivePart, Column, Constraint, Index, LockTable, Role, Snapshot, Table,
};
use noctis_core::partition::{Member, Part, PartState, RetiredLeaf};
use noctis_core::time::TimeRange;
use tokio_postgres::{Client, Row};

use crate::Result;

/// How closely the catalog is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Without a lock on any of the group's tables: for figures that are asked for all the time.
    Glance,
    /// With the texts of constraints, for which each table is opened, as any reader does.
    Closely,
}

/// The catalog's word on the group.
pub async fn look(client: &Client, depth: Depth) -> Result<Snapshot> {
    let group = Member::ALL.map(Member::table).to_vec();
    let rows = client.query(include_str!("../../sql/drift/tables.sql"), &[&group]).await?;
    let mut tables: Vec<Table> = rows.iter().filter_map(table).collect();
    let mut by_name: BTreeMap<String, &mut Table> =
        tables.iter_mut().map(|table| (table.name.clone(), table)).collect();
    for row in client.query(include_str!("../../sql/drift/columns.sql"), &[&group]).await? {
        if let Some(table) = by_name.get_mut(row.get::<_, &str>("table")) {
            table.columns.push(column(&row));
        }
    }
    for row in client.query(include_str!("../../sql/drift/indexes.sql"), &[&group]).await? {
        if let Some(table) = by_name.get_mut(row.get::<_, &str>("table")) {
            table.indexes.push(index(&row));
        }
    }
    let has_definitions = depth == Depth::Closely;
    let sql = include_str!("../../sql/drift/constraints.sql");
    for row in client.query(sql, &[&group, &has_definitions]).await? {
        if let Some(table) = by_name.get_mut(row.get::<_, &str>("table")) {
            table.constraints.push(constraint(&row));
        }
    }
    let server = client.query_one(include_str!("../../sql/drift/server.sql"), &[]).await?;
    Ok(Snapshot {
        tables,
        parts: parts(client).await?,
        retired: retired(client).await?,
        dropped: dropped(client).await?,
        locks: LockTable { locks_max: server.get("locks_max") },
        has_definitions,
        freeze_age_max: server.get("freeze_age_max"),
    })
}

fn member_of(table: &str) -> Option<Member> {
    Member::ALL.into_iter().find(|member| member.table() == table)
}

fn table(row: &Row) -> Option<Table> {
    let name: String = row.get("name");
    let parent: Option<&str> = row.get("parent");
    let from: Option<_> = row.get("range_from");
    let range = from.map(|from| TimeRange { from, to: row.get("range_to") });
    let role = match (member_of(&name), parent.and_then(member_of)) {
        (Some(member), None) => Role::Parent(member),
        (_, Some(member)) => {
            Role::Leaf { member, range, detach_pending: row.get("detach_pending") }
        }
        (None, None) => {
            let starts = |member: &Member| name.starts_with(&format!("{}_", member.table()));
            Role::Loose(Member::ALL.into_iter().find(starts)?)
        }
    };
    let owner: String = row.get("owner");
    let mut grants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for right in row.get::<_, Vec<String>>("rights") {
        if let Some((role, right)) = right.rsplit_once(':') {
            let rights = grants.entry(role.to_owned()).or_default();
            if !right.is_empty() {
                rights.insert(right.to_owned());
            }
        }
    }
    let has = grants.remove(&owner).unwrap_or_default();
    let owners_rights: Vec<String> = row.get("owners_rights");
    Some(Table {
        owner_has_all: owners_rights.iter().all(|right| has.contains(right)),
        name,
        role,
        owner,
        grants,
        options: row.get::<_, Vec<String>>("options").into_iter().collect(),
        tablespace: row.get("tablespace"),
        logged: row.get("logged"),
        row_security: row.get("row_security"),
        policies: row.get("policies"),
        triggers: row.get("triggers"),
        rules: row.get("rules"),
        columns: Vec::new(),
        indexes: Vec::new(),
        constraints: Vec::new(),
        rows_estimated: row.get("rows_estimated"),
        rows_counted: None,
        freeze_age: row.get("freeze_age"),
        analyzed_at: row.get("analyzed_at"),
    })
}

fn column(row: &Row) -> Column {
    Column {
        name: row.get("name"),
        kind: row.get("kind"),
        not_null: row.get("not_null"),
        default: row.get("default"),
        generated: row.get("generated"),
        statistics_target: row.get("statistics_target"),
        storage: row.get("storage"),
        compression: row.get("compression"),
    }
}

fn index(row: &Row) -> Index {
    Index {
        name: row.get("name"),
        valid: row.get("valid"),
        part_of: row.get("part_of"),
        options: row.get::<_, Vec<String>>("options").into_iter().collect(),
        tablespace: row.get("tablespace"),
    }
}

fn constraint(row: &Row) -> Constraint {
    let from: Option<_> = row.get("range_from");
    Constraint {
        name: row.get("name"),
        check: row.get("check"),
        validated: row.get("validated"),
        refuses_all: row.get::<_, Option<bool>>("refuses_all").unwrap_or(false),
        inherited: row.get("inherited"),
        range: from.map(|from| TimeRange { from, to: row.get("range_to") }),
    }
}

async fn parts(client: &Client) -> Result<Vec<ArchivePart>> {
    let rows = client.query(include_str!("../../sql/drift/parts.sql"), &[]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let state = match row.get("state") {
                "verified" => PartState::Verified,
                "cold" => PartState::Cold,
                "restored" => PartState::Restored,
                _ => return None,
            };
            let part = u32::try_from(row.get::<_, i32>("part")).ok()?;
            Some(ArchivePart {
                part: Part {
                    name: PartName { month: row.get("month"), part },
                    range: TimeRange { from: row.get("range_from"), to: row.get("range_to") },
                    state,
                },
                kills: row.get("kills"),
                bytes: row.get("bytes"),
            })
        })
        .collect())
}

async fn retired(client: &Client) -> Result<Vec<RetiredLeaf>> {
    let rows = client.query(include_str!("../../sql/drift/retired.sql"), &[]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let part: Option<i32> = row.get("part");
            let part = part.and_then(|part| u32::try_from(part).ok());
            Some(RetiredLeaf {
                name: row.get("name"),
                member: member_of(row.get("member"))?,
                range: TimeRange { from: row.get("range_from"), to: row.get("range_to") },
                part: part.map(|part| PartName { month: row.get("month"), part }),
                retired_at: row.get("retired_at"),
            })
        })
        .collect())
}

async fn dropped(client: &Client) -> Result<Vec<TimeRange>> {
    let rows = client.query(include_str!("../../sql/drift/dropped.sql"), &[]).await?;
    Ok(rows
        .iter()
        .map(|row| TimeRange { from: row.get("range_from"), to: row.get("range_to") })
        .collect())
}
