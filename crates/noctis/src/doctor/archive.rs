//! The archive against what the database says of it: whose it is, which parts it has, whether their files are there.

use std::collections::BTreeMap;

use noctis_archive::{Archive, Owner};
use noctis_core::archive::{Manifest, PartName};
use noctis_core::drift::{Drift, Kind};
use noctis_core::partition::PartState;
use noctis_store::Connection;
use noctis_store::partitions::parts::{self, Claim, StoredPart};

/// What differs. `deep` reads every file and compares its hash; else its end alone is read.
///
/// # Errors
/// When the database does not answer. An archive that does not is a difference.
pub(super) async fn drifts(
    client: &Connection,
    archive: &Archive,
    deep: bool,
) -> anyhow::Result<Vec<Drift>> {
    let stored = parts::parts(&***client).await?;
    let place = archive.place().to_string();
    let (mut drifts, adopt) = match archive.owner().await {
        Ok(owner) => (foreign(&place, owner, parts::claim(client).await?), adopt(owner)),
        Err(error) => (vec![unreadable(&place, &error)], adopt(None)),
    };
    let manifests = match archive.manifests().await {
        Ok(manifests) => manifests,
        Err(error) => {
            drifts.push(unreadable(&place, &error));
            return Ok(drifts);
        }
    };
    let found: BTreeMap<&PartName, &Manifest> =
        manifests.iter().map(|manifest| (&manifest.name, manifest)).collect();
    // A part whose kills are in the tables again answers nothing, so its files may go.
    for part in stored.iter().filter(|part| part.state != PartState::Restored) {
        drifts.extend(files(archive, part, found.get(&part.manifest.name).copied(), deep).await);
    }
    drifts.extend(unknown(&stored, &manifests, &adopt));
    Ok(drifts)
}

/// The command that makes an archive this store's.
fn adopt(owner: Option<Owner>) -> String {
    let id = owner.map_or("STORE_ID".to_owned(), |owner| owner.store_id.to_string());
    format!("`noctis archive adopt {id}`")
}

/// Whether it is this store's to write to.
fn foreign(place: &str, owner: Option<Owner>, ours: Claim) -> Vec<Drift> {
    let detail = match owner {
        // Whoever writes next claims it.
        None => return Vec::new(),
        Some(owner) if owner.store_id != ours.store_id => {
            format!("it belongs to another store, {}", owner.store_id)
        }
        Some(owner) if owner.generation > ours.generation => format!(
            "it has seen generation {} of this store, which is at {}: this store is a copy, or was restored",
            owner.generation, ours.generation
        ),
        Some(owner) if owner.generation == ours.generation && Some(owner.claim) != ours.claim => {
            "a copy of this store has claimed it".to_owned()
        }
        Some(_) => return Vec::new(),
    };
    let advice = format!(
        "nothing is archived meanwhile; if this store is the one that goes on, {} takes it over",
        adopt(owner)
    );
    vec![Drift::advised(Kind::ArchiveOwner, place, detail, advice)]
}

async fn files(
    archive: &Archive,
    part: &StoredPart,
    found: Option<&Manifest>,
    deep: bool,
) -> Vec<Drift> {
    let name = part.manifest.name.path();
    let Some(found) = found else {
        return vec![damaged(&name, "its manifest is missing")];
    };
    if *found != part.manifest {
        return vec![damaged(&name, "its manifest is not the one that was written")];
    }
    if deep {
        let checked = archive.check_files(found).await;
        return checked.err().map(|error| damaged(&name, &error.to_string())).into_iter().collect();
    }
    let mut drifts = Vec::new();
    for file in &found.files {
        if let Err(error) = archive.file(file).await {
            drifts.push(damaged(&name, &error.to_string()));
        }
    }
    drifts
}

fn damaged(part: &str, detail: &str) -> Drift {
    let advice = "copy the part's files back from a backup of the archive; while its leaf or retired table is there, nothing \
                  is lost, and `noctis archive verify` tells when it is whole";
    Drift::advised(Kind::ArchiveFiles, part, detail, advice)
}

/// Parts that the archive has and the store has not: it was restored to a moment before they were written.
fn unknown(stored: &[StoredPart], manifests: &[Manifest], adopt: &str) -> Vec<Drift> {
    manifests
        .iter()
        .filter(|manifest| !stored.iter().any(|part| part.manifest.name == manifest.name))
        .map(|manifest| {
            let detail = format!(
                "the archive has {} kills of {} that this store knows nothing of, or has in its tables again",
                manifest.kills(),
                manifest.range
            );
            let advice = format!(
                "{adopt} takes the archive over: where the tables have all its kills, the files answer no more and the month \
                 can go again; where they have none, the files answer; where they have some, it says so and changes nothing"
            );
            Drift::advised(Kind::HotAndArchived, manifest.name.path(), detail, advice)
        })
        .collect()
}

fn unreadable(place: &str, error: &noctis_archive::Error) -> Drift {
    let advice = "see that it is there and may be read";
    Drift::advised(Kind::ArchiveFiles, place, format!("it does not answer: {error}"), advice)
}
