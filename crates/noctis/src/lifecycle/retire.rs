//! Carries out the steps by which a month leaves the tables: to files, out of the group, away.
//!
//! Nothing that an interrupted run left is trusted but what the database has recorded, and that only after the files were
//! looked at again.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use futures_util::TryStreamExt;
use noctis_archive::{Archive, Owner, PartHead, VerifiedPart};
use noctis_core::archive::{Manifest, PartName, Proof};
use noctis_core::partition::{Leaf, Member, PartState, RetiredLeaf, Step};
use noctis_core::time::TimeRange;
use noctis_store::Client;
use noctis_store::ledger::Entry;
use noctis_store::partitions::export::{Export, Fence};
use noctis_store::partitions::parts::{self, StoredPart};
use noctis_store::partitions::{self, LockBudget, MANAGER_LOCK, Waits, retire};
use noctis_store::{fail, migrate};

use super::progress::Progress;
use super::{disk, owning};
use crate::clock;
use crate::presence::Counter;

/// Transactions of counting before a month leaves: a million kills. Where more is left the month waits for `serve` to count.
const COUNTING_TURNS_MAX: u32 = 50;

/// A run of steps on one archive.
pub struct Retirer<'a> {
    archive: &'a Archive,
    /// What leaves is counted before.
    counter: &'a Counter,
    budget: LockBudget,
    /// The inventory that the steps were planned for.
    plan: Option<String>,
    /// Whose the archive is in this run; claimed when the first step needs it.
    owner: Option<Owner>,
    /// Parts that were read back in this run.
    verified: BTreeMap<PartName, VerifiedPart>,
}

impl<'a> Retirer<'a> {
    #[must_use]
    pub fn new(
        archive: &'a Archive,
        counter: &'a Counter,
        budget: LockBudget,
        plan: Option<String>,
    ) -> Retirer<'a> {
        Retirer { archive, counter, budget, plan, owner: None, verified: BTreeMap::new() }
    }

    /// Carries out one step. Steps of one range follow one another: after an error the range's later ones are not to be tried.
    ///
    /// # Errors
    /// In words that tell what is in the way; the month is then where it was, and answers.
    pub async fn step(&mut self, client: &mut Client, step: &Step) -> anyhow::Result<Waits> {
        match step {
            Step::Create { .. } => {
                let held = MANAGER_LOCK.take(client).await?;
                let plan = self.plan.as_deref();
                let done = partitions::carry_out(held.client, step, self.budget, plan).await;
                held.release().await?;
                Ok(done?)
            }
            // Not under the managers' lock: creation is not to wait while this waits for readers of an old month.
            Step::Close { .. } | Step::Reopen { .. } => {
                let plan = self.plan.as_deref();
                let done = partitions::carry_out(client, step, self.budget, plan).await?;
                if let Step::Close { .. } = step {
                    fail::point("close.committed");
                }
                Ok(done)
            }
            Step::Archive { range, name, leaves } => {
                let entry = Entry::of(step, self.plan.as_deref());
                let archived = self.archive(client, (*range, name), leaves, entry).await;
                archived.with_context(|| format!("archiving {}", name.path()))?;
                Ok(Waits::default())
            }
            Step::Detach { name, leaves, .. } => {
                let detached = self.detach(client, name, leaves).await;
                detached.with_context(|| format!("moving {} to the archive", name.path()))
            }
            Step::Discard { range, leaves } => {
                self.count().await?;
                let (plan, catalogue) = (self.plan.as_deref(), self.counter.catalogue().get());
                let left = retire::discard(client, leaves, &catalogue, self.budget, plan).await;
                left.with_context(|| format!("dropping the kills of {range}"))
            }
            Step::Drop { range, tables } => {
                let dropped = self.drop_tables(client, tables).await;
                dropped.with_context(|| format!("dropping the old tables of {range}"))
            }
        }
    }

    /// Removes the files of parts whose kills were restored and have gone to a later part since. Tells how many parts.
    ///
    /// # Errors
    /// When the archive or the database does not do it; the next run tries again.
    pub async fn remove_superseded(&mut self, client: &Client) -> anyhow::Result<usize> {
        let superseded = parts::superseded(client).await?;
        fail::point("superseded.listed");
        for manifest in &superseded {
            self.ours(client).await?;
            self.archive.remove(manifest).await?;
            fail::point("superseded.removed");
            parts::forget_superseded(client, &manifest.name).await?;
            fail::point("superseded.forgotten");
        }
        Ok(superseded.len())
    }

    /// Claims the archive, or makes sure that nobody has since.
    async fn ours(&mut self, client: &Client) -> anyhow::Result<Owner> {
        if let Some(owner) = self.owner {
            owning::still_ours(self.archive, &owner).await?;
            return Ok(owner);
        }
        let owner = owning::own(client, self.archive).await?;
        self.owner = Some(owner);
        Ok(owner)
    }

    async fn archive(
        &mut self,
        client: &mut Client,
        (range, name): (TimeRange, &PartName),
        leaves: &[Leaf],
        entry: Entry,
    ) -> anyhow::Result<()> {
        // Before it is claimed: a month that finds no room, run after run, is not to write a record each time.
        disk::room_for_files(self.archive, tables_bytes(client, leaves).await?)?;
        let owner = self.ours(client).await?;
        self.remove_leftover(client, name).await?;
        let head = PartHead {
            store_id: owner.store_id,
            generation: owner.generation,
            schema_version: migrate::known_version(),
            name: name.clone(),
            range,
            written_at: clock::now(),
            written_by: format!("noctis {}", env!("CARGO_PKG_VERSION")),
        };
        let mut progress = Progress::start(format!("archiving {}", name.month));
        let (manifest, fence) = self.write(client, head, leaves, &mut progress).await?;
        progress.now("reading back");
        let verified = self.archive.verify(&manifest).await.context("reading the files back")?;
        fail::point("archive.verified");
        parts::record_verified(client, &verified, &fence, entry).await?;
        fail::point("archive.recorded");
        self.verified.insert(name.clone(), verified);
        Ok(())
    }

    async fn write(
        &self,
        client: &mut Client,
        head: PartHead,
        leaves: &[Leaf],
        progress: &mut Progress,
    ) -> anyhow::Result<(Manifest, Fence)> {
        let export = Export::begin(client, leaves).await?;
        let mut part = self.archive.write(head).await?;
        fail::point("archive.exporting");
        for member in Member::ALL {
            let Some(leaf) = leaves.iter().find(|leaf| leaf.member == member) else {
                bail!("there is no leaf of {}", member.table());
            };
            progress.now(member.table());
            let mut rows = std::pin::pin!(export.rows(member, &leaf.name).await?);
            let mut table = part.table(member);
            while let Some(bytes) = rows.try_next().await.context("reading the rows")? {
                progress.pass(bytes.len());
                table.push(bytes).await?;
            }
            table.finish().await?;
            fail::point("archive.file_written");
        }
        // The rows are read: nothing need keep their snapshot any longer.
        let fence = export.end().await?;
        let manifest = part.finish().await?;
        fail::point("archive.manifest_put");
        Ok((manifest, fence))
    }

    /// What an interrupted run wrote and nobody recorded, or recorded for leaves that have been open since.
    async fn remove_leftover(&self, client: &Client, name: &PartName) -> anyhow::Result<()> {
        if let Some(part) = known(client, name).await?
            && part.state != PartState::Verified
        {
            bail!("{} is known already and not written over", name.path());
        }
        if let Some(leftover) = self.archive.manifest(name).await? {
            tracing::info!(part = name.path(), "removing what an interrupted run left");
            self.archive.remove(&leftover).await?;
        }
        Ok(())
    }

    async fn detach(
        &mut self,
        client: &mut Client,
        name: &PartName,
        leaves: &[Leaf],
    ) -> anyhow::Result<Waits> {
        self.ours(client).await?;
        self.count().await?;
        let verified = match self.verified.remove(name) {
            Some(verified) => verified,
            None => self.check(client, name).await?,
        };
        let plan = self.plan.as_deref();
        Ok(retire::detach(client, &verified, leaves, self.budget, plan).await?)
    }

    /// Counts what is left, as far as that does not take too long: what leaves has to be counted.
    async fn count(&self) -> anyhow::Result<()> {
        self.counter.catch_up(COUNTING_TURNS_MAX).await.context("counting the kills").map(drop)
    }

    async fn drop_tables(
        &mut self,
        client: &mut Client,
        tables: &[RetiredLeaf],
    ) -> anyhow::Result<Waits> {
        let mut proofs: BTreeMap<&PartName, VerifiedPart> = BTreeMap::new();
        for name in tables.iter().filter_map(|table| table.part.as_ref()) {
            let part = known(client, name).await?;
            if part.is_some_and(|part| part.state == PartState::Cold) && !proofs.contains_key(name)
            {
                // Whoever else claimed the archive may remove its files.
                self.ours(client).await?;
                let checked = self.check(client, name).await;
                let context =
                    || format!("{} is kept: its files are not as they were", tables[0].name);
                proofs.insert(name, checked.with_context(context)?);
            }
        }
        let mut waits = Waits::default();
        let mut of_part: BTreeMap<Option<&PartName>, Vec<RetiredLeaf>> = BTreeMap::new();
        for table in tables {
            of_part.entry(table.part.as_ref()).or_default().push(table.clone());
        }
        for (name, tables) in of_part {
            let proof = name.and_then(|name| proofs.get(name)).map(|proof| proof as &dyn Proof);
            let plan = self.plan.as_deref();
            let dropped = retire::drop_retired(client, &tables, proof, self.budget, plan).await?;
            waits = waits + dropped;
        }
        Ok(waits)
    }

    /// That the files of a recorded part are as they were when they were read back.
    async fn check(&self, client: &Client, name: &PartName) -> anyhow::Result<VerifiedPart> {
        let Some(part) = known(client, name).await? else {
            bail!("{} is not written down as verified", name.path());
        };
        Ok(self.archive.check_files(&part.manifest).await?)
    }
}

/// A part as the database has it.
pub(super) async fn known(client: &Client, name: &PartName) -> anyhow::Result<Option<StoredPart>> {
    let parts = parts::parts(client).await?;
    Ok(parts.into_iter().find(|part| part.manifest.name == *name))
}

/// Without their indexes.
async fn tables_bytes(client: &Client, leaves: &[Leaf]) -> anyhow::Result<u64> {
    let sizes = partitions::sizes(client).await?;
    let ours = sizes.iter().filter(|size| leaves.iter().any(|leaf| leaf.name == size.leaf.name));
    Ok(ours.map(|size| u64::try_from(size.table_bytes).unwrap_or(0)).sum())
}
