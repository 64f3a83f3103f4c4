//! An index for all leaves, built leaf by leaf while everybody reads and writes, and taken up again where it was cut off.
//!
//! The parent's index is declared first and counts for nothing until every leaf has its part; leaves that are made meanwhile
//! get theirs when they are attached. Each part is built `CONCURRENTLY`, which waits for every transaction that is older
//! than it, so a build has a time limit: what it leaves behind is not valid, and the next run replaces it.

mod ddl;

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use noctis_core::partition::Member;
use serde::Serialize;
use tokio_postgres::Client;

use super::budget::{Work, within};
use super::{LockBudget, Waits};
use crate::advisory::AdvisoryLock;
use crate::{Error, Result, fail};

/// Who builds indexes: "noctis" and 16.
///
/// Polled, since waiting for it inside PostgreSQL would be a transaction that a
/// concurrent build waits for in turn. It is not the partition managers': a build takes long, and new months do not wait.
pub const LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_0010,
    name: "index",
    poll: Duration::from_millis(100),
    polls_max: 50,
};

/// Looks at the leaves before it counts as never ending: each new look finds leaves that were made meanwhile.
const LOOKS_MAX: u32 = 8;

/// An index that a parent shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub name: &'static str,
    pub member: Member,
    /// What follows the table's name: `USING btree (system_id)`.
    pub definition: &'static str,
}

/// What a roll-out may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For what others wait behind.
    pub budget: LockBudget,
    /// For one leaf's index, waiting for older transactions included.
    pub build_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { budget: LockBudget::default(), build_time_max: Duration::from_secs(1_800) }
    }
}

/// What was done for one index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RolledOut {
    pub index: String,
    /// Whether the parent's index was made in this run.
    pub declared: bool,
    /// Leaves whose index was built.
    pub built: u32,
    /// Leaves whose index was attached; the built ones, and those that were built in a run before.
    pub attached: u32,
    /// Indexes that were not valid and have been removed or built anew.
    pub replaced: u32,
    pub lock_tries: u32,
    /// The longest that a try might wait for its lock, and keep others waiting, in milliseconds.
    pub lock_wait_ms_max: u64,
}

impl RolledOut {
    fn spend(&mut self, waits: Waits) {
        self.lock_tries += waits.tries;
        self.lock_wait_ms_max = self.lock_wait_ms_max.max(waits.longest_ms);
    }
}

/// Whether there is any leaf to build on.
pub async fn has_leaves(client: &Client) -> Result<bool> {
    let group = Member::ALL.map(Member::table).to_vec();
    Ok(client.query_one(include_str!("../../sql/index/has_leaves.sql"), &[&group]).await?.get(0))
}

/// Those of the declared indexes that are missing or not on every leaf yet.
pub async fn unfinished<'a>(
    client: &Client,
    declared: &'a [Declaration],
) -> Result<Vec<&'a Declaration>> {
    let names: Vec<&str> = declared.iter().map(|one| one.name).collect();
    let tables: Vec<&str> = declared.iter().map(|one| one.member.table()).collect();
    let sql = include_str!("../../sql/index/unfinished.sql");
    let rows = client.query(sql, &[&names, &tables]).await?;
    let lacking: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok(declared.iter().filter(|one| lacking.iter().any(|name| name == one.name)).collect())
}

/// Brings each of the declared indexes onto its parent and every leaf, one after another.
///
/// # Errors
/// The first that could not be finished; what was built stays, and the next run goes on from there.
pub async fn roll_out(
    client: &mut Client,
    declared: &[Declaration],
    limits: Limits,
) -> Result<Vec<RolledOut>> {
    if unfinished(client, declared).await?.is_empty() {
        return Ok(Vec::new());
    }
    let held = LOCK.take(client).await?;
    let rolled_out = roll_out_unfinished(held.client, declared, limits).await;
    let released = held.release().await;
    rolled_out.and_then(|rolled_out| released.map(|()| rolled_out))
}

async fn roll_out_unfinished(
    client: &mut Client,
    declared: &[Declaration],
    limits: Limits,
) -> Result<Vec<RolledOut>> {
    let mut all = Vec::new();
    for one in unfinished(client, declared).await? {
        let mut done = RolledOut { index: one.name.to_owned(), ..RolledOut::default() };
        if declare(client, one, limits.budget, &mut done).await? {
            fail::point("index.declared");
        }
        fill(client, limits, &mut done).await?;
        all.push(done);
    }
    Ok(all)
}

/// Builds what leaves lack of an index that their parent has already.
///
/// # Errors
/// As [`roll_out`].
pub async fn finish(client: &mut Client, index: &str, limits: Limits) -> Result<RolledOut> {
    let held = LOCK.take(client).await?;
    let mut done = RolledOut { index: index.to_owned(), ..RolledOut::default() };
    let filled = fill(held.client, limits, &mut done).await;
    let released = held.release().await;
    filled.and(released).map(|()| done)
}

/// Removes an index that was not built to its end and belongs to nothing.
///
/// # Errors
/// What PostgreSQL refused; a time-out where somebody uses its table for long.
pub async fn drop_left_over(client: &mut Client, index: &str, limits: Limits) -> Result<()> {
    let held = LOCK.take(client).await?;
    let sql = ddl::drop_left_over(index);
    let dropped = concurrently(held.client, limits.build_time_max, &sql).await;
    let released = held.release().await;
    dropped.and(released)
}

/// Builds an attached index anew, and lets the parent's know of it.
///
/// # Errors
/// As [`drop_left_over`].
pub async fn rebuild(
    client: &mut Client,
    index: &str,
    parent_index: Option<&str>,
    limits: Limits,
) -> Result<()> {
    let held = LOCK.take(client).await?;
    let rebuilt = async {
        concurrently(held.client, limits.build_time_max, &ddl::rebuild(index)).await?;
        if let Some(parent_index) = parent_index {
            // Attached already: it only makes PostgreSQL look whether the parent's is whole now.
            let attach = [ddl::attach(parent_index, index)];
            let work = Work { tables: &[], first: &attach, then: &[] };
            within(held.client, limits.budget, work, None).await?;
        }
        Ok(())
    }
    .await;
    let released = held.release().await;
    rebuilt.and(released)
}

/// Makes the parent's index where it is missing, and says whether it did.
async fn declare(
    client: &mut Client,
    one: &Declaration,
    budget: LockBudget,
    done: &mut RolledOut,
) -> Result<bool> {
    let table = one.member.table();
    let found = client.query_opt(include_str!("../../sql/index/state.sql"), &[&one.name]).await?;
    if let Some(found) = found {
        let on: &str = found.get("table");
        if on == table {
            return Ok(false);
        }
        return Err(Error::IndexNameTaken { index: one.name.to_owned(), table: on.to_owned() });
    }
    let create = [ddl::create_on_parent(one.name, table, one.definition)];
    let work =
        Work { tables: &[table.to_owned()], first: &[ddl::lock_parent(table)], then: &create };
    let spent = within(client, budget, work, None).await?;
    done.spend(spent);
    done.declared = true;
    tracing::info!(index = one.name, table, "an index is declared; its leaves follow");
    Ok(true)
}

/// A leaf that has no part of an index.
struct Lacking {
    leaf: String,
    definition: String,
    /// An index of the same definition, and whether it is valid.
    same: Option<(String, bool)>,
}

async fn lacking(client: &Client, index: &str) -> Result<Vec<Lacking>> {
    let rows = client.query(include_str!("../../sql/index/lacking.sql"), &[&index]).await?;
    Ok(rows
        .iter()
        .map(|row| Lacking {
            leaf: row.get("leaf"),
            definition: row.get("definition"),
            same: row.get::<_, Option<_>>("index").map(|index| (index, row.get("valid"))),
        })
        .collect())
}

/// Gives every leaf its part: what is there already is attached, what was left over is dropped, the rest is built.
async fn fill(client: &mut Client, limits: Limits, done: &mut RolledOut) -> Result<()> {
    let index = done.index.clone();
    for _ in 0..LOOKS_MAX {
        let leaves = lacking(client, &index).await?;
        let Some(leaf) = leaves.first() else {
            fail::point("index.finished");
            return Ok(());
        };
        let total = leaves.len();
        tracing::info!(index, leaves = total, next = leaf.leaf, "building an index leaf by leaf");
        for (number, leaf) in leaves.iter().enumerate() {
            let began = Instant::now();
            one_leaf(client, leaf, limits, done).await?;
            let seconds = began.elapsed().as_secs_f64();
            tracing::info!(
                index,
                leaf = leaf.leaf,
                number = number + 1,
                of = total,
                seconds,
                "built"
            );
        }
    }
    Err(Error::IndexUnfinished(index))
}

async fn one_leaf(
    client: &mut Client,
    leaf: &Lacking,
    limits: Limits,
    done: &mut RolledOut,
) -> Result<()> {
    let built = match &leaf.same {
        Some((name, true)) => Some(name.clone()),
        Some((name, false)) => {
            concurrently(client, limits.build_time_max, &ddl::drop_left_over(name)).await?;
            done.replaced += 1;
            None
        }
        None => None,
    };
    let name = match built {
        Some(name) => name,
        None => {
            let sql = ddl::build(&leaf.leaf, &leaf.definition);
            concurrently(client, limits.build_time_max, &sql).await?;
            done.built += 1;
            fail::point("index.built");
            // What PostgreSQL called it. A leaf that went meanwhile needs none.
            let again = lacking(client, &done.index).await?;
            let found = again.into_iter().find(|again| again.leaf == leaf.leaf);
            let Some((name, true)) = found.and_then(|found| found.same) else { return Ok(()) };
            name
        }
    };
    let attach = [ddl::attach(&done.index, &name)];
    let work = Work { tables: std::slice::from_ref(&leaf.leaf), first: &attach, then: &[] };
    done.spend(within(client, limits.budget, work, None).await?);
    done.attached += 1;
    fail::point("index.attached");
    Ok(())
}

/// Runs what cannot stand in a transaction within a time limit. The session is as it was afterwards, also when this is dropped
/// midway and the session goes back to its pool.
async fn concurrently(client: &mut Client, time_max: Duration, sql: &str) -> Result<()> {
    let limited = Limited(client);
    limited.0.batch_execute(&ddl::limit(time_max)).await?;
    let done = limited.0.batch_execute(sql).await;
    Ok(done?)
}

struct Limited<'a>(&'a mut Client);

impl Drop for Limited<'_> {
    /// The message is sent at the first poll, before anything that this session is asked next.
    fn drop(&mut self) {
        let _ = self.0.batch_execute(ddl::NO_LIMIT).now_or_never();
    }
}
