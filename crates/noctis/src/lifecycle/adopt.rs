//! Takes an archive over, with the parts that this database does not know.
//!
//! Their kills answer from there, or, where the tables have all of them, from the tables alone: then the database was put
//! back to a moment before they left.

use anyhow::{Context, bail};
use noctis_archive::{Archive, VerifiedPart};
use noctis_core::archive::Manifest;
use noctis_core::partition::Member;
use noctis_store::partitions::RETIREMENT_LOCK;
use noctis_store::partitions::adopting::{self, Staged};
use noctis_store::partitions::parts;
use noctis_store::{Client, Store};
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
/// changed.
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
    let unknown = unknown(client, archive).await?;
    adopting::begin(client).await?;
    let mut progress = Progress::start("taking over");
    let mut verified: Vec<(VerifiedPart, bool)> = Vec::new();
    for manifest in &unknown {
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
    let owner = owning::take_over(client, archive, from).await?;
    let staged: Vec<Staged> =
        verified.iter().map(|(proof, hot)| Staged { proof, hot: *hot }).collect();
    let registered = adopting::register(client, &staged).await?;
    let named = |part: &Staged| part.proof.manifest().name.path();
    let hot = staged.iter().filter(|part| part.hot).map(named).collect();
    let parts = staged.iter().map(named).collect();
    Ok(Adopted { generation: owner.generation, parts, hot, registered })
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
