//! Whose archive it is: claimed anew before each run that writes, so that of two copies of a store only one goes on.
//!
//! The claim is noted in the database, then made in the archive, then the database's generation follows. Whoever dies in
//! between is known again by the noted claim. Two stores that were one until a copy was made have the same generation: the
//! first to claim is ahead of the other from then on. Generations are numbers that both may come to, so the claim counts too.

use anyhow::{Context, bail};
use noctis_archive::{Archive, Owner};
use noctis_core::partition::PartState;
use noctis_store::Client;
use noctis_store::fail;
use noctis_store::partitions::parts::{self, Claim};
use uuid::Uuid;

/// Claims the archive for this store, for one run.
///
/// # Errors
/// When it is another store's, or is ahead of this one, or has lost what this one knows to be in it.
pub async fn own(client: &Client, archive: &Archive) -> anyhow::Result<Owner> {
    let mut ours = parts::claim(client).await?;
    let found = archive.owner().await?;
    match &found {
        None => refuse_emptied(client, archive).await?,
        Some(owner) if owner.store_id != ours.store_id => bail!(
            "the archive {} belongs to the store {}, not to this one, {}; `noctis archive adopt {}` takes it over",
            archive.place(),
            owner.store_id,
            ours.store_id,
            owner.store_id
        ),
        Some(owner) if owner.generation > ours.generation && ours.noted == Some(owner.claim) => {
            parts::raise_generation(client, ours.generation, owner.generation).await?;
            ours.generation = owner.generation;
        }
        Some(owner) if owner.generation != ours.generation || !ours.is_own(owner.claim) => bail!(
            "the archive {} was last claimed by generation {} of this store, and not by this database, which has generation \
             {}: it was put back to an earlier moment, or is a copy, and the other goes on; if this one is to, `noctis archive \
             adopt {}` takes the archive over",
            archive.place(),
            owner.generation,
            ours.generation,
            owner.store_id
        ),
        Some(_) => {}
    }
    claim(client, archive, &ours, found.as_ref(), ours.generation + 1).await
}

/// Takes an archive over whatever it says, by the name of the store that it belongs to.
///
/// # Errors
/// When that is not whose it is.
pub async fn take_over(client: &Client, archive: &Archive, from: Uuid) -> anyhow::Result<Owner> {
    let ours = parts::claim(client).await?;
    let found = archive.owner().await?;
    let Some(owner) = &found else {
        bail!("the archive {} belongs to nobody: there is nothing to take over", archive.place());
    };
    if owner.store_id != from {
        bail!(
            "the archive {} belongs to the store {}, not to {from}",
            archive.place(),
            owner.store_id
        );
    }
    let generation = owner.generation.max(ours.generation) + 1;
    claim(client, archive, &ours, found.as_ref(), generation).await
}

/// That nobody has claimed the archive since: asked before each step that leaves something only there.
///
/// # Errors
/// When somebody has, or it does not answer.
pub async fn still_ours(archive: &Archive, owner: &Owner) -> anyhow::Result<()> {
    if archive.owner().await?.as_ref() == Some(owner) {
        return Ok(());
    }
    bail!(
        "the archive {} was claimed by another store meanwhile; nothing more is moved there",
        archive.place()
    )
}

async fn claim(
    client: &Client,
    archive: &Archive,
    ours: &Claim,
    found: Option<&Owner>,
    generation: i64,
) -> anyhow::Result<Owner> {
    let new = Owner { store_id: ours.store_id, generation, claim: Uuid::new_v4() };
    parts::note_claim(client, new.claim).await?;
    fail::point("archive.claim_noted");
    archive.claim(found, &new).await.context("claiming the archive")?;
    fail::point("archive.claimed");
    parts::raise_generation(client, ours.generation, generation).await?;
    fail::point("archive.generation_raised");
    Ok(new)
}

/// An archive without an owner is a new one, unless kills should be in it: then it is not mounted, or gone.
async fn refuse_emptied(client: &Client, archive: &Archive) -> anyhow::Result<()> {
    let parts = parts::parts(client).await?;
    let cold = parts.iter().filter(|part| part.state == PartState::Cold).count();
    if cold > 0 {
        bail!(
            "the archive {} is empty, and {cold} parts should be in it: is the folder mounted, the bucket the right one?",
            archive.place()
        );
    }
    Ok(())
}
