//! Whose archive it is: numbered records of which the highest counts, each made only if no other has made it.

use noctis_core::archive::MANIFEST_FORMAT;
use object_store::path::Path;
use object_store::{PutMode, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Archive, Error, Result};

const FOLDER: &str = "owner";
/// Digits of a record's number, so that names sort as numbers do.
const DIGITS: usize = 20;

/// Whose archive it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub store_id: Uuid,
    /// The store's generation at the time of the claim.
    pub generation: i64,
    /// Drawn by the store for this claim alone: a copy of the store has an older one.
    pub claim: Uuid,
}

impl Owner {
    pub(crate) fn say(owner: Option<&Owner>) -> String {
        match owner {
            Some(Owner { store_id, generation, claim }) => {
                format!("store {store_id}, generation {generation} (claim {claim})")
            }
            None => "nobody".to_owned(),
        }
    }
}

/// What a record's file holds.
#[derive(Serialize, Deserialize)]
struct Record {
    format: u32,
    #[serde(flatten)]
    owner: Owner,
}

impl Archive {
    /// Whose archive it is; None when nobody has claimed it.
    ///
    /// # Errors
    /// When the archive does not answer, or its newest record is none that this noctis knows.
    pub async fn owner(&self) -> Result<Option<Owner>> {
        Ok(self.newest_record().await?.map(|(_, owner)| owner))
    }

    /// Makes the archive that of `new`, if it is that of `expected` until now; of two who try at once one succeeds.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when it is somebody else's, and when the archive does not answer. Then the claim may have
    /// been made all the same: ask for the owner, and compare the claim.
    pub async fn claim(&self, expected: Option<&Owner>, new: &Owner) -> Result<()> {
        let newest = self.newest_record().await?;
        let not_ours = |found: Option<Owner>| Error::NotOurs { expected: expected.copied(), found };
        let (number, found) = match newest {
            Some((number, owner)) => (number, Some(owner)),
            None => (0, None),
        };
        if found.as_ref() != expected {
            return Err(not_ours(found));
        }
        let record = Record { format: MANIFEST_FORMAT, owner: *new };
        let text =
            serde_json::to_vec_pretty(&record).expect("a record has nothing that JSON cannot hold");
        let once = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let path = path(number + 1);
        match self.store.put_opts(&path, PutPayload::from(text), once).await {
            Ok(_) => Ok(()),
            // A request that was made again, since its first answer got lost, finds its own record.
            Err(object_store::Error::AlreadyExists { .. }) => match self.owner().await? {
                Some(found) if found == *new => Ok(()),
                found => Err(not_ours(found)),
            },
            Err(error) => Err(self.failed(format!("writing {path}"), &error)),
        }
    }

    /// The record that counts, and its number.
    async fn newest_record(&self) -> Result<Option<(u64, Owner)>> {
        let names = self.names(FOLDER).await?;
        let number = |path: &Path| path.filename()?.strip_suffix(".json")?.parse::<u64>().ok();
        let Some(number) = names.iter().filter_map(number).max() else { return Ok(None) };
        let path = path(number);
        let Some(bytes) = self.small(&path).await? else {
            return Err(Error::Missing { path: path.to_string() });
        };
        let record: Record = serde_json::from_slice(&bytes).map_err(|error| Error::Manifest {
            path: path.to_string(),
            detail: error.to_string(),
        })?;
        Ok(Some((number, record.owner)))
    }
}

fn path(number: u64) -> Path {
    Path::from(format!("{FOLDER}/{number:0DIGITS$}.json"))
}
