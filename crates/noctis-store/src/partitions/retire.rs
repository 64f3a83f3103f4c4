//! Taking leaves out of the group, and retired tables away: each in one transaction, all locks at once under a budget.
//!
//! A leaf leaves with its rows written down as kept (a [`Proof`]) or as dropped. Kept rows are counted once more while
//! nobody can write: since the leaf took no rows after they were read, an equal count says that none was deleted either.

use jiff::Timestamp;
use noctis_core::archive::{PartName, Proof};
use noctis_core::catalogue::Catalogue;
use noctis_core::partition::{Leaf, Member, NAME_BYTES_MAX, PartState, RetiredLeaf, Step};
use noctis_core::time::TimeRange;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Transaction};

use super::ddl::{self, moving};
use super::export::{Fence, closing, fence};
use super::inspect::attached;
use super::parts::{StoredPart, lock_part, number};
use super::tries::{Tries, Waits};
use super::{LockBudget, parts};
use crate::ledger::{self, Entry};
use crate::presence::{self, TakenBack};
use crate::{Error, Result, fail};

/// What becomes of the rows of leaves that leave.
#[derive(Clone, Copy)]
enum Fate<'a> {
    /// The archive has them.
    Kept(&'a dyn Proof),
    /// Nobody has them. This was counted of them, read under this fence.
    Dropped(&'a TakenBack, &'a Fence),
}

impl Fate<'_> {
    fn part(&self) -> Option<&PartName> {
        match self {
            Fate::Kept(proof) => Some(&proof.manifest().name),
            Fate::Dropped(..) => None,
        }
    }
}

/// Takes leaves whose verified part this proves out of the group; from the commit on the files answer. `plan` is the inventory
/// that this was planned for.
///
/// # Errors
/// [`Error::PartInvalid`] where the leaves no longer are what was archived: the part is forgotten and the leaves stay.
/// [`Error::Vacuuming`] and [`Error::LockBudget`] where it has to wait. Nothing is changed then.
pub async fn detach(
    client: &mut Client,
    proof: &dyn Proof,
    leaves: &[Leaf],
    budget: LockBudget,
    plan: Option<&str>,
) -> Result<Waits> {
    let manifest = proof.manifest();
    let (range, name) = (manifest.range, manifest.name.clone());
    let step = Step::Detach { range, name: name.clone(), leaves: leaves.to_vec() };
    let mut entry = Entry::of(&step, plan);
    entry.checksum = manifest.file(Member::Raw).map(|file| file.sha256.clone());
    let left = leave(client, Fate::Kept(proof), leaves, budget, entry).await;
    if let Err(Error::PartInvalid { detail, .. }) = &left {
        parts::forget_verified(client, &name, range, detail).await?;
    }
    left
}

/// Takes closed leaves out of the group and writes down that nothing is kept of their kills.
///
/// # Errors
/// As [`detach`], and [`Error::Refused`] where the archive has kills of the same range: nobody could tell afterwards which
/// were dropped.
pub async fn discard(
    client: &mut Client,
    leaves: &[Leaf],
    catalogue: &Catalogue,
    budget: LockBudget,
    plan: Option<&str>,
) -> Result<Waits> {
    let range = one_range(leaves)?;
    let step = Step::Discard { range, leaves: leaves.to_vec() };
    // What is read of open leaves would prove nothing.
    let fence = fence(client, leaves).await?;
    presence::refuse_uncounted(client, range).await?;
    let counted = presence::take_back(client, catalogue, range).await?;
    leave(client, Fate::Dropped(&counted, &fence), leaves, budget, Entry::of(&step, plan)).await
}

async fn leave(
    client: &mut Client,
    fate: Fate<'_>,
    leaves: &[Leaf],
    budget: LockBudget,
    mut entry: Entry,
) -> Result<Waits> {
    refuse_vacuumed(client, leaves).await?;
    let tables = names(leaves);
    let mut tries = Tries::alone(budget);
    loop {
        match try_leave(client, fate, leaves, &tries, &mut entry).await {
            Ok(()) => return Ok(entry.waits),
            // Everything is undone before the pause: nobody waits meanwhile.
            Err(error) => tries.again(error, client, &with_parents(&tables)).await?,
        }
    }
}

async fn try_leave(
    client: &mut Client,
    fate: Fate<'_>,
    leaves: &[Leaf],
    tries: &Tries,
    entry: &mut Entry,
) -> Result<()> {
    let wait_ms = tries.wait_ms();
    let range = one_range(leaves)?;
    let transaction = read_committed(client).await?;
    let tx = &transaction;
    let tables = names(leaves);
    if let Fate::Dropped(..) = fate {
        tx.batch_execute(&ddl::lock_budget(wait_ms)).await?;
        TakenBack::lock(tx).await?;
    }
    // Readers and writers of other leaves go on; who would write these waits for the count.
    lock(tx, &tables, "SHARE", wait_ms).await?;
    fail::point("detach.shared");
    still_there(tx, leaves).await?;
    let kills = match fate {
        Fate::Kept(proof) => unchanged(tx, proof, leaves).await?,
        Fate::Dropped(counted, read_under) => {
            refuse_archived(tx, range).await?;
            let kills = count(tx, &of(leaves, Member::Raw)?.name).await?;
            if kills != counted.kills || fence(tx, leaves).await? != *read_under {
                return Err(Error::PlanOutdated);
            }
            kills
        }
    };
    presence::refuse_uncounted(tx, range).await?;
    fail::point("detach.counted");
    lock(tx, &with_parents(&tables), "ACCESS EXCLUSIVE", wait_ms).await?;
    fail::point("detach.locked");
    entry.waits = tries.waits();
    entry.rows = Some(kills);
    for leaf in leaves {
        take_out(tx, leaf, fate).await?;
    }
    fail::point("detach.detached");
    match fate {
        Fate::Kept(proof) => set_state(tx, &proof.manifest().name, "cold").await?,
        Fate::Dropped(counted, _) => {
            counted.write(tx).await?;
            let sql = include_str!("../../sql/archive/insert_dropped.sql");
            tx.execute(sql, &[&range.from, &range.to, &kills]).await?;
        }
    }
    raise_epoch(tx).await?;
    ledger::append(tx, entry).await?;
    fail::point("detach.written_down");
    transaction.commit().await?;
    fail::point("detach.committed");
    Ok(())
}

/// Detached and renamed: an ordinary leaf for late kills may have the name. Writers can no longer come by way of the parent,
/// so nothing need keep it closed.
async fn take_out(tx: &Transaction<'_>, leaf: &Leaf, fate: Fate<'_>) -> Result<()> {
    let name = Step::retired_name(&leaf.name, fate.part());
    if name.len() > NAME_BYTES_MAX {
        return Err(Error::Refused(format!("{name} is too long a name: rename {}", leaf.name)));
    }
    if exists(tx, &name).await? {
        return Err(Error::Refused(format!(
            "{} would be called {name}, which another table is; it waits until that is gone",
            leaf.name
        )));
    }
    let closing = closing(tx, &leaf.name).await?;
    tx.batch_execute(&moving::detach(leaf.member, &leaf.name)).await?;
    for (_, constraint) in closing {
        tx.batch_execute(&moving::drop_constraint(&leaf.name, &constraint)).await?;
    }
    tx.batch_execute(&moving::rename(&leaf.name, &name)).await?;
    let (month, part) = match fate.part() {
        Some(part) => (part.month.clone(), Some(number(part))),
        None => (month_of(leaf.range.from), None),
    };
    let (member, range) = (leaf.member.table(), leaf.range);
    tx.execute(
        include_str!("../../sql/archive/insert_retired.sql"),
        &[&name, &member, &range.from, &range.to, &month, &part],
    )
    .await?;
    Ok(())
}

/// The kills of the leaves, if they are what the proof says: the verified part of this range, read under the constraints that
/// are still there, and as many rows in each table.
async fn unchanged(tx: &Transaction<'_>, proof: &dyn Proof, leaves: &[Leaf]) -> Result<i64> {
    let manifest = proof.manifest();
    let invalid = |detail: String| Error::PartInvalid { part: manifest.name.path(), detail };
    let Some(StoredPart {
        state: PartState::Verified, manifest: stored, fence: read_under, ..
    }) = lock_part(tx, &manifest.name).await?
    else {
        return Err(Error::Refused(format!(
            "the part {} is not a verified one",
            manifest.name.path()
        )));
    };
    if stored != *manifest {
        return Err(invalid("the archive has another manifest than was verified".to_owned()));
    }
    if one_range(leaves)? != manifest.range {
        return Err(invalid(format!("its leaves are for {}", one_range(leaves)?)));
    }
    if fence(tx, leaves).await? != read_under {
        return Err(invalid("its leaves have been open since".to_owned()));
    }
    for leaf in leaves {
        let rows = count(tx, &leaf.name).await?;
        let kept = manifest.file(leaf.member).map_or(0, |file| file.contents.rows);
        if i64::try_from(kept) != Ok(rows) {
            let table = &leaf.name;
            return Err(invalid(format!("{table} has {rows} rows and its file {kept}")));
        }
    }
    Ok(i64::try_from(manifest.kills()).unwrap_or(i64::MAX))
}

async fn refuse_archived(tx: &Transaction<'_>, range: TimeRange) -> Result<()> {
    let sql = include_str!("../../sql/archive/overlapping_parts.sql");
    if tx.query(sql, &[&range.from, &range.to]).await?.is_empty() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "kills of {range} are in the archive too: nobody could tell afterwards which were dropped; archive these as well"
    )))
}

/// Removes tables whose grace is over. Where files have their rows, `proof` says that these are still as they were.
///
/// # Errors
/// [`Error::Refused`] where a table is none of the retired, or its part is proved by nothing. Nothing is changed then.
pub async fn drop_retired(
    client: &mut Client,
    tables: &[RetiredLeaf],
    proof: Option<&dyn Proof>,
    budget: LockBudget,
    plan: Option<&str>,
) -> Result<Waits> {
    let Some(range) = tables.first().map(|table| table.range) else { return Ok(Waits::default()) };
    let mut entry = Entry::of(&Step::Drop { range, tables: tables.to_vec() }, plan);
    let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
    let mut tries = Tries::alone(budget);
    loop {
        match try_drop(client, tables, proof, &tries, &mut entry).await {
            Ok(()) => return Ok(entry.waits),
            Err(error) => tries.again(error, client, &names).await?,
        }
    }
}

async fn try_drop(
    client: &mut Client,
    tables: &[RetiredLeaf],
    proof: Option<&dyn Proof>,
    tries: &Tries,
    entry: &mut Entry,
) -> Result<()> {
    let transaction = read_committed(client).await?;
    let tx = &transaction;
    let mut there = Vec::new();
    for table in tables {
        droppable(tx, table, proof).await?;
        // One that somebody has removed by hand is only forgotten.
        if exists(tx, &table.name).await? {
            there.push(table.name.clone());
        }
    }
    if !there.is_empty() {
        lock(tx, &there, "ACCESS EXCLUSIVE", tries.wait_ms()).await?;
    }
    entry.waits = tries.waits();
    fail::point("drop.locked");
    for name in &there {
        tx.batch_execute(&moving::drop_table(name)).await?;
    }
    for table in tables {
        forget(tx, &table.name).await?;
    }
    ledger::append(tx, entry).await?;
    fail::point("drop.dropped");
    transaction.commit().await?;
    fail::point("drop.committed");
    Ok(())
}

/// Whether this is a retired table whose rows are kept and proved, or are to be kept nowhere.
async fn droppable(
    tx: &Transaction<'_>,
    table: &RetiredLeaf,
    proof: Option<&dyn Proof>,
) -> Result<()> {
    let refused = |why: &str| Err(Error::Refused(format!("{} is not dropped: {why}", table.name)));
    let sql = include_str!("../../sql/archive/lock_retired.sql");
    let Some(row) = tx.query_opt(sql, &[&table.name]).await? else {
        return refused("it is not written down as retired");
    };
    if attached(tx, &table.name).await?.is_some() {
        return refused("it is a partition, and answers");
    }
    let part: Option<i32> = row.get("part");
    let state: Option<&str> = row.get("state");
    match (part, state) {
        // Nothing was to be kept, or the rows are in a leaf again.
        (None, _) | (Some(_), Some("restored")) => Ok(()),
        (Some(_), None) => refused("its part is not known any more"),
        (Some(_), Some(_)) => {
            let proved = proof.map(|proof| serde_json::to_value(proof.manifest()).ok());
            let stored: Option<serde_json::Value> = row.get("manifest");
            match proved.flatten() {
                Some(proved) if Some(&proved) == stored.as_ref() => Ok(()),
                Some(_) => refused("the files that were checked are another part's"),
                None => refused("nobody has checked its files"),
            }
        }
    }
}

/// Puts leaves back in that a concurrent detach, ended midway, left between in and out; tells their names.
///
/// Whoever wanted them out has not written down where their rows are.
///
/// # Errors
/// [`Error::LockBudget`] where readers from before stay too long.
pub async fn finish_pending(client: &mut Client, budget: LockBudget) -> Result<Vec<String>> {
    let sql = include_str!("../../sql/archive/pending.sql");
    let rows = client.query(sql, &[&super::group()]).await?;
    let mut finished = Vec::new();
    for row in rows {
        let (table, name): (String, String) = (row.get("member"), row.get("name"));
        let Some(member) = Member::ALL.into_iter().find(|member| member.table() == table) else {
            continue;
        };
        let range = TimeRange { from: row.get("range_from"), to: row.get("range_to") };
        let leaf = Leaf { member, name, range, closed: false };
        finish_detach(client, &leaf, budget).await?;
        finished.push(leaf.name);
    }
    Ok(finished)
}

/// Puts one such leaf back in: its kills were found until the detach began.
///
/// # Errors
/// As [`finish_pending`], and where no detach of it is pending.
pub async fn finish_detach(client: &mut Client, leaf: &Leaf, budget: LockBudget) -> Result<()> {
    let mut entry = Entry::new("finish_detach", Some(leaf.range));
    entry.before = serde_json::json!({ leaf.name.as_str(): "detaching" });
    entry.after = serde_json::json!({ leaf.name.as_str(): "attached" });
    let tables = with_parents(std::slice::from_ref(&leaf.name));
    let mut tries = Tries::alone(budget);
    loop {
        entry.waits = tries.waits();
        match try_finish(client, leaf, tries.wait_ms(), &entry).await {
            Ok(()) => break,
            Err(error) => tries.again(error, client, &tables).await?,
        }
    }
    tracing::warn!(
        leaf = leaf.name,
        "a detach that was left pending was finished and its leaf put back"
    );
    Ok(())
}

async fn try_finish(client: &mut Client, leaf: &Leaf, wait_ms: u64, entry: &Entry) -> Result<()> {
    let transaction = read_committed(client).await?;
    transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
    transaction.batch_execute(&moving::finalize(leaf.member, &leaf.name)).await?;
    transaction.batch_execute(&ddl::lock_budget(0)).await?;
    // The leaf has a CHECK of its bounds, its own or one that the concurrent detach has left, so nothing is read.
    transaction.batch_execute(&moving::attach(leaf.member, &leaf.name, leaf.range)).await?;
    transaction.batch_execute(&moving::drop_left(&leaf.name)).await?;
    raise_epoch(&transaction).await?;
    ledger::append(&transaction, entry).await?;
    transaction.commit().await?;
    Ok(())
}

/// Who waits behind a VACUUM holds everybody up behind himself: it is asked first.
pub(super) async fn refuse_vacuumed(client: &Client, leaves: &[Leaf]) -> Result<()> {
    let tables: Vec<String> = leaves.iter().map(|leaf| moving::quoted(&leaf.name)).collect();
    let sql = include_str!("../../sql/archive/vacuuming.sql");
    match client.query_opt(sql, &[&tables]).await? {
        Some(row) => Err(Error::Vacuuming { table: row.get(0), pid: row.get(1) }),
        None => Ok(()),
    }
}

/// What is counted after a lock must be seen as it is then, whatever the role's default isolation is.
pub(super) async fn read_committed(client: &mut Client) -> Result<Transaction<'_>> {
    Ok(client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?)
}

/// All of these at once, under the budget; what follows waits for nobody and takes its time.
pub(super) async fn lock(
    tx: &Transaction<'_>,
    tables: &[String],
    mode: &str,
    wait_ms: u64,
) -> Result<()> {
    tx.batch_execute(&ddl::lock_budget(wait_ms)).await?;
    tx.batch_execute(&moving::lock(tables, mode)).await?;
    tx.batch_execute(&ddl::lock_budget(0)).await?;
    Ok(())
}

/// Whether these are still leaves of their parents, with their bounds.
pub(super) async fn still_there(tx: &Transaction<'_>, leaves: &[Leaf]) -> Result<()> {
    for leaf in leaves {
        let found = attached(tx, &leaf.name).await?;
        if found != Some((leaf.member.table().to_owned(), leaf.range)) {
            return Err(Error::PlanOutdated);
        }
    }
    Ok(())
}

pub(super) async fn count(tx: &Transaction<'_>, table: &str) -> Result<i64> {
    Ok(tx.query_one(&moving::count(table), &[]).await?.get(0))
}

pub(super) async fn exists(client: &impl GenericClient, table: &str) -> Result<bool> {
    let sql = include_str!("../../sql/archive/exists.sql");
    Ok(client.query_one(sql, &[&moving::quoted(table)]).await?.get(0))
}

/// Takes a table that is gone off the list of the retired.
pub(super) async fn forget(tx: &Transaction<'_>, table: &str) -> Result<()> {
    tx.execute(include_str!("../../sql/archive/delete_retired.sql"), &[&table]).await?;
    Ok(())
}

pub(super) async fn set_state(tx: &Transaction<'_>, name: &PartName, state: &str) -> Result<()> {
    let sql = include_str!("../../sql/archive/set_state.sql");
    tx.execute(sql, &[&name.month, &number(name), &state]).await?;
    Ok(())
}

pub(crate) async fn raise_epoch(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(include_str!("../../sql/archive/raise_epoch.sql"), &[]).await?;
    Ok(())
}

/// The range of these leaves, one of each member.
pub(super) fn one_range(leaves: &[Leaf]) -> Result<TimeRange> {
    let range = of(leaves, Member::Raw)?.range;
    let whole = Member::ALL.into_iter().all(|member| {
        leaves.iter().filter(|leaf| leaf.member == member && leaf.range == range).count() == 1
    });
    if whole && leaves.len() == Member::ALL.len() {
        return Ok(range);
    }
    Err(Error::Refused(format!("the leaves of {range} are not one of each table")))
}

pub(super) fn of(leaves: &[Leaf], member: Member) -> Result<&Leaf> {
    leaves.iter().find(|leaf| leaf.member == member).ok_or_else(|| {
        Error::Refused(format!("there is no leaf of {} among those to move", member.table()))
    })
}

pub(super) fn names(leaves: &[Leaf]) -> Vec<String> {
    leaves.iter().map(|leaf| leaf.name.clone()).collect()
}

pub(super) fn with_parents(tables: &[String]) -> Vec<String> {
    let parents = Member::ALL.map(|member| member.table().to_owned());
    parents.into_iter().chain(tables.iter().cloned()).collect()
}

fn month_of(time: Timestamp) -> String {
    noctis_core::time::day(time).strftime("%Y-%m").to_string()
}
