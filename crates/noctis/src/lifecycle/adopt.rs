//! Takes an archive over, with the parts that this database does not know.
//!
//! Their kills answer from there, or, where the tables have all of them, from the tables alone: then the database was put
//! back to a moment before they left.

use anyhow::{Context, bail};
use noctis_archive::{Archive, Owner, VerifiedPart};
use noctis_core::archive::Manifest;
use noctis_core::partition::Member;
use noctis_store::partitions::RETIREMENT_LOCK;
use noctis_store::partitions::adopting::{self, KILLS_AT_ONCE, Staged};
use noctis_store::partitions::parts;
use noctis_store::{Client, Store, fail};
use serde::Serialize;
use uuid::Uuid;

use super::Failed;
use super::owning;
use super::progress::Progress;
use futures_util::TryStreamExt;

/// What was taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Adopted {
    /// The generation of this store that the archive has now.
    pub generation: i64,
    /// All that were new, as folders of the archive are called.
    pub parts: Vec<String>,
    /// Those of them whose kills are in the tables: their files answer nothing.
    pub hot: Vec<String>,
    /// Kills that the registry did not know.
    pub registered: u64,
}

/// Takes over the archive that belongs to the store `from`, which may be this one.
///
/// # Errors
/// When it is another's, a part is damaged, or some kills of a part are in the tables and some are not: then nothing has
/// changed. Cut off anywhere, the next call begins anew, or ends what answers already.
pub async fn adopt(store: &Store, archive: &Archive, from: Uuid) -> anyhow::Result<Adopted> {
    let mut client = store.client().await?;
    let held = RETIREMENT_LOCK.take(&mut client).await?;
    let adopted = adopt_alone(held.client, archive, from).await;
    held.release().await?;
    adopted
}

async fn adopt_alone(
    client: &mut Client,
    archive: &Archive,
    from: Uuid,
) -> anyhow::Result<Adopted> {
    let Some(owner) = archive.owner().await? else {
        bail!("the archive {} belongs to nobody: there is nothing to take over", archive.place());
    };
    if owner.store_id != from {
        bail!(
            "the archive {} belongs to the store {}, not to {from}",
            archive.place(),
            owner.store_id
        );
    }
    adopting::begin(client).await?;
    let unknown = unknown(client, archive).await?;
    let verified = stage(client, archive, &unknown).await?;
    let staged: Vec<Staged> =
        verified.iter().map(|(proof, hot)| Staged { proof, hot: *hot }).collect();
    match take(client, archive, from, &staged).await {
        Ok((owner, registered)) => {
            let named = |part: &Staged| part.proof.manifest().name.path();
            let hot = staged.iter().filter(|part| part.hot).map(named).collect();
            let parts = staged.iter().map(named).collect();
            Ok(Adopted { generation: owner.generation, parts, hot, registered })
        }
        Err(error) => {
            if let Err(left) = adopting::settle(client).await {
                tracing::warn!(error = %left, "the next run of retention takes back what was begun");
            }
            Err(error)
        }
    }
}

/// Reads the parts back, and looks where their kills are.
async fn stage(
    client: &Client,
    archive: &Archive,
    unknown: &[Manifest],
) -> anyhow::Result<Vec<(VerifiedPart, bool)>> {
    let mut progress = Progress::start("taking over");
    let mut verified = Vec::new();
    for manifest in unknown {
        progress.now(&manifest.name.path());
        let reading = || format!("reading {}", manifest.name.path());
        let proof = archive.verify(manifest).await.with_context(reading)?;
        let rows = archive
            .rows(manifest, Member::Raw)
            .map_err(Failed::Archive)
            .inspect_ok(|bytes| progress.pass(bytes.len()));
        let hot = adopting::stage(client, manifest, rows).await.with_context(reading)?;
        verified.push((proof, hot));
    }
    Ok(verified)
}

/// What may be refused is done before the archive changes hands; only then its parts answer.
async fn take(
    client: &mut Client,
    archive: &Archive,
    from: Uuid,
    staged: &[Staged<'_>],
) -> anyhow::Result<(Owner, u64)> {
    let registered = adopting::register(client, staged, KILLS_AT_ONCE).await?;
    let owner = owning::take_over(client, archive, from).await?;
    fail::point("adopt.taken_over");
    refuse_changed(client, archive, staged).await?;
    adopting::answer(client, staged, registered).await?;
    adopting::number(client, KILLS_AT_ONCE).await?;
    Ok((owner, registered))
}

/// Until it was claimed another store may have removed parts, or written some.
async fn refuse_changed(
    client: &Client,
    archive: &Archive,
    staged: &[Staged<'_>],
) -> anyhow::Result<()> {
    let now = unknown(client, archive).await?;
    if now.iter().eq(staged.iter().map(|part| part.proof.manifest())) {
        return Ok(());
    }
    bail!(
        "the archive {} has other parts than when they were read, its store still wrote there: try again",
        archive.place()
    )
}

/// The parts that the database does not have.
async fn unknown(client: &Client, archive: &Archive) -> anyhow::Result<Vec<Manifest>> {
    let known = parts::parts(client).await?;
    let mut unknown = Vec::new();
    for manifest in archive.manifests().await? {
        match known.iter().find(|part| part.manifest.name == manifest.name) {
            None => unknown.push(manifest),
            Some(part) if part.manifest == manifest => {}
            Some(_) => bail!(
                "{} is another part in the archive than in this database: nothing is taken over",
                manifest.name.path()
            ),
        }
    }
    Ok(unknown)
}
