//! Bringing archived kills back: tables built beside the group, filled, indexed and compared, then attached without a scan.
//!
//! What came late for the same time goes into the new tables too, and its leaves give way to them in the same transaction.
//! A restore that fails before that is undone by [`Restore::give_up`]; of one that was killed the next try removes the tables.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use noctis_core::archive::PartName;
use noctis_core::partition::{Interval, Leaf, Member, PartState, Period, Step};
use noctis_core::time::TimeRange;
use tokio_postgres::{Client, CopyOutStream, Transaction};

use super::beside::Beside;
use super::ddl::{self, moving};
use super::export::{Fence, fence};
use super::parts::{StoredPart, lock_part, number};
use super::retire::{
    self, count, exists, forget, lock, raise_epoch, read_committed, set_state, still_there,
};
use super::tries::{Tries, Waits};
use super::{LockBudget, inspect};
use crate::ledger::{self, Entry};
use crate::{Error, Result, fail};

/// Tables that are being filled, to become the leaves of a range.
pub struct Restore {
    parts: Vec<PartName>,
    beside: Beside,
    /// Leaves that give way, closed.
    late: Vec<Leaf>,
    /// Those of them that were open before.
    closed_here: Vec<Leaf>,
    fence: Fence,
    /// How many rows each of them gave.
    taken_over: BTreeMap<String, i64>,
    entry: Entry,
}

impl Restore {
    /// Makes the empty tables for these parts, whose ranges hang together, and closes the leaves that hold late kills of theirs.
    ///
    /// # Errors
    /// [`Error::Refused`] where a part answers no longer, or a leaf has no counterpart in another table. Nothing has changed
    /// then.
    pub async fn begin(
        client: &mut Client,
        parts: &[StoredPart],
        budget: LockBudget,
    ) -> Result<Restore> {
        let Some(range) = parts.iter().map(|part| part.manifest.range).reduce(hull) else {
            return Err(Error::Refused("there is no part to restore".to_owned()));
        };
        let (range, late) = with_late_leaves(client, range).await?;
        let mut entry = Entry::new("restore", Some(range));
        entry.rows = Some(parts.iter().map(|part| part.kills).sum());
        entry.before = states(parts, "cold");
        entry.after = states(parts, "restored");
        let mut restore = Restore {
            entry,
            parts: parts.iter().map(|part| part.manifest.name.clone()).collect(),
            beside: Beside::new(range, &suffix(range), |leaf| format!("{leaf}_restored")),
            fence: Fence::default(),
            late,
            closed_here: Vec::new(),
            taken_over: BTreeMap::new(),
        };
        match restore.prepare(client, budget).await {
            Ok(()) => Ok(restore),
            Err(error) => {
                restore.give_up(client, budget).await;
                Err(error)
            }
        }
    }

    async fn prepare(&mut self, client: &mut Client, budget: LockBudget) -> Result<()> {
        // Tables of a restore that was interrupted.
        self.beside.remove(client).await?;
        let open: Vec<Leaf> = self.late.iter().filter(|leaf| !leaf.closed).cloned().collect();
        if !open.is_empty() {
            let step = Step::Close { range: self.range(), leaves: open.clone() };
            super::carry_out(client, &step, budget, None).await?;
            self.closed_here = open;
        }
        fail::point("restore.closed");
        self.fence = fence(client, &self.late).await?;
        self.beside.create(client).await?;
        fail::point("restore.created");
        Ok(())
    }

    /// Undoes what was done before the attachment: the tables go, and the leaves that this restore closed are opened again.
    /// What cannot be undone is told in the log: the next try removes tables, the next run of retention opens leaves.
    pub async fn give_up(&self, client: &mut Client, budget: LockBudget) {
        if let Err(error) = self.beside.remove(client).await {
            tracing::warn!(%error, range = %self.range(), "tables of a restore that failed were left");
        }
        if self.closed_here.is_empty() {
            return;
        }
        let closed = |leaf: &Leaf| Leaf { closed: true, ..leaf.clone() };
        let leaves = self.closed_here.iter().map(closed).collect();
        let step = Step::Reopen { range: self.range(), leaves };
        if let Err(error) = super::carry_out(client, &step, budget, None).await {
            tracing::warn!(%error, range = %self.range(), "partitions of a restore that failed stay closed");
        }
    }

    /// The range that the new leaves will have: that of the parts, and of the leaves that give way.
    pub fn range(&self) -> TimeRange {
        self.beside.range()
    }

    /// The leaves of a table that give way.
    pub fn late(&self, member: Member) -> impl Iterator<Item = &Leaf> {
        self.late.iter().filter(move |leaf| leaf.member == member)
    }

    /// Fills a table with rows as binary `COPY` has them; `rows` ends at its first error, and nothing of it stays then.
    ///
    /// # Errors
    /// Those of `rows`, and those of the database.
    pub async fn fill<E>(
        &self,
        client: &Client,
        member: Member,
        rows: impl Stream<Item = std::result::Result<Bytes, E>>,
    ) -> std::result::Result<u64, E>
    where
        E: From<Error>,
    {
        let into = moving::copy_in(member, self.beside.table(member));
        let sink = client.copy_in(&into).await.map_err(Error::from)?;
        let (mut sink, mut rows) = (std::pin::pin!(sink), std::pin::pin!(rows));
        while let Some(bytes) = rows.next().await {
            send(sink.as_mut(), bytes?).await?;
        }
        Ok(sink.finish().await.map_err(Error::from)?)
    }

    /// The rows of one of the leaves that give way, for whoever wants to know their contents. To be read to its end before
    /// anything else is asked of this connection: it holds back what comes after.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn late_rows(&self, client: &Client, leaf: &Leaf) -> Result<CopyOutStream> {
        Ok(client.copy_out(&moving::copy_out(leaf.member, &leaf.name)).await?)
    }

    /// Takes over the rows of the leaves that give way.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_over_late(&mut self, client: &Client) -> Result<()> {
        for leaf in &self.late {
            let into = self.beside.table(leaf.member);
            let sql = moving::copy_over(leaf.member, &leaf.name, into);
            let rows = client.execute(&sql, &[]).await?;
            self.taken_over.insert(leaf.name.clone(), i64::try_from(rows).unwrap_or(i64::MAX));
        }
        fail::point("restore.copied");
        Ok(())
    }

    /// Gives the tables what lets ATTACH take them as they are: keys and indexes by the parents' definitions, the range as a
    /// constraint that was checked, statistics.
    ///
    /// # Errors
    /// When the database refuses: a row out of the range, a key twice.
    pub async fn finish(&self, client: &Client) -> Result<()> {
        for member in Member::ALL {
            self.beside.index(client, member).await?;
            client.batch_execute(&ddl::vacuum(self.beside.table(member))).await?;
        }
        fail::point("restore.indexed");
        Ok(())
    }

    /// All rows of a new table, to be compared.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&self, client: &Client, member: Member) -> Result<CopyOutStream> {
        Ok(client.copy_out(&moving::copy_out(member, self.beside.table(member))).await?)
    }

    /// Attaches the tables: one transaction, in which the leaves with late kills give way, the parts cease to answer, and what
    /// is left of the parts' old leaves goes.
    ///
    /// # Errors
    /// [`Error::PlanOutdated`] where a leaf or a part has changed since, [`Error::LockBudget`] where it has to wait.
    pub async fn attach(&mut self, client: &mut Client, budget: LockBudget) -> Result<Waits> {
        fail::point("restore.verified");
        retire::refuse_vacuumed(client, &self.late).await?;
        let late = retire::names(&self.late);
        let mut tries = Tries::alone(budget);
        loop {
            self.entry.waits = tries.waits();
            match self.try_attach(client, &late, tries.wait_ms()).await {
                Ok(()) => return Ok(self.entry.waits),
                Err(error) => tries.again(error, client, &retire::with_parents(&late)).await?,
            }
        }
    }

    async fn try_attach(&self, client: &mut Client, late: &[String], wait_ms: u64) -> Result<()> {
        let transaction = read_committed(client).await?;
        let tx = &transaction;
        if late.is_empty() {
            // Nobody but other maintenance is disturbed.
            lock(tx, &retire::with_parents(&[]), moving::BESIDE_WRITERS, wait_ms).await?;
        } else {
            lock(tx, late, "SHARE", wait_ms).await?;
            self.late_unchanged(tx).await?;
            lock(tx, &retire::with_parents(late), "ACCESS EXCLUSIVE", wait_ms).await?;
        }
        fail::point("restore.locked");
        for leaf in &self.late {
            tx.batch_execute(&moving::detach(leaf.member, &leaf.name)).await?;
            tx.batch_execute(&moving::drop_table(&leaf.name)).await?;
        }
        self.beside.attach(tx).await?;
        for part in &self.parts {
            let is_cold = |part: StoredPart| part.state == PartState::Cold;
            if !lock_part(tx, part).await?.is_some_and(is_cold) {
                return Err(Error::PlanOutdated);
            }
            set_state(tx, part, "restored").await?;
            self.remove_retired(tx, part).await?;
        }
        raise_epoch(tx).await?;
        ledger::append(tx, &self.entry).await?;
        fail::point("restore.attached");
        transaction.commit().await?;
        fail::point("restore.committed");
        Ok(())
    }

    /// The leaves that give way have been closed since they were read, and have as many rows.
    async fn late_unchanged(&self, tx: &Transaction<'_>) -> Result<()> {
        still_there(tx, &self.late).await?;
        let mut unchanged = fence(tx, &self.late).await? == self.fence;
        for leaf in &self.late {
            unchanged &= self.taken_over.get(&leaf.name) == Some(&count(tx, &leaf.name).await?);
        }
        if unchanged { Ok(()) } else { Err(Error::PlanOutdated) }
    }

    /// Tables that were leaves of the part and wait for the end of their grace: their rows are in a leaf again.
    async fn remove_retired(&self, tx: &Transaction<'_>, part: &PartName) -> Result<()> {
        let sql = include_str!("../../sql/archive/retired_of_part.sql");
        for row in tx.query(sql, &[&part.month, &number(part)]).await? {
            let name: String = row.get(0);
            if exists(tx, &name).await? {
                tx.batch_execute(&moving::drop_table(&name)).await?;
            }
            forget(tx, &name).await?;
        }
        Ok(())
    }
}

fn states(parts: &[StoredPart], state: &str) -> serde_json::Value {
    parts.iter().map(|part| (part.manifest.name.path(), serde_json::Value::from(state))).collect()
}

async fn send<E: From<Error>>(
    mut sink: std::pin::Pin<&mut impl Sink<Bytes, Error = tokio_postgres::Error>>,
    bytes: Bytes,
) -> std::result::Result<(), E> {
    Ok(sink.send(bytes).await.map_err(Error::from)?)
}

/// What of the group lies in the range, and the range that holds both.
async fn with_late_leaves(client: &Client, range: TimeRange) -> Result<(TimeRange, Vec<Leaf>)> {
    let leaves = inspect(client).await?.leaves;
    let mut range = range;
    // Each turn but the last takes in a leaf more.
    for _ in 0..=leaves.len() {
        let within: Vec<Leaf> = leaves
            .iter()
            .filter(|leaf| !leaf.range.intersection(range).is_empty())
            .cloned()
            .collect();
        let wider = within.iter().map(|leaf| leaf.range).fold(range, hull);
        if wider == range {
            let members = |member| within.iter().filter(|leaf| leaf.member == member).count();
            if Member::ALL.map(members) == [within.len() / Member::ALL.len(); 3] {
                return Ok((range, within));
            }
            break;
        }
        range = wider;
    }
    Err(Error::Refused(format!(
        "the tables are out of step within {range}; `noctis doctor` says where"
    )))
}

fn hull(one: TimeRange, other: TimeRange) -> TimeRange {
    TimeRange { from: one.from.min(other.from), to: one.to.max(other.to) }
}

fn suffix(range: TimeRange) -> String {
    let week = Period::containing(Interval::Week, range.from);
    if week.range() == range {
        return week.name();
    }
    Period::containing(Interval::Month, range.from).leaf_suffix(range)
}
