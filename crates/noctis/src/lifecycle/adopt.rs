//! Takes an archive over, with the parts that this database does not know: their months come back as cold.

use anyhow::{Context, bail};
use noctis_archive::{Archive, VerifiedPart};
use noctis_core::archive::{Manifest, Proof};
use noctis_core::partition::Member;
use noctis_store::partitions::parts;
use noctis_store::partitions::{RETIREMENT_LOCK, adopting};
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
    /// As folders of the archive are called.
    pub parts: Vec<String>,
    /// Kills that the registry did not know.
    pub registered: u64,
}

/// Takes over the archive that belongs to the store `from`, which may be this one.
///
/// # Errors
/// When it is another's, a part is damaged, or kills of a part are in the tables too: then nothing has changed.
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
    let mut verified: Vec<VerifiedPart> = Vec::new();
    for manifest in &unknown {
        progress.now(&manifest.name.path());
        let reading = || format!("reading {}", manifest.name.path());
        verified.push(archive.verify(manifest).await.with_context(reading)?);
        let rows = archive
            .rows(manifest, Member::Raw)
            .map_err(Failed::Archive)
            .inspect_ok(|bytes| progress.pass(bytes.len()));
        adopting::stage(client, manifest, rows).await.with_context(reading)?;
    }
    let owner = owning::take_over(client, archive, from).await?;
    let proofs: Vec<&dyn Proof> = verified.iter().map(|part| part as &dyn Proof).collect();
    let registered = adopting::register(client, &proofs).await?;
    let parts = unknown.iter().map(|manifest| manifest.name.path()).collect();
    Ok(Adopted { generation: owner.generation, parts, registered })
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
