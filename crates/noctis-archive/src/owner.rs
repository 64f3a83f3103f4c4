//! Whose archive it is: numbered records of which the highest counts, each made only if no other has made it.
//!
//! The newest two are kept. Somebody who looked long ago may make a number again that was removed: he finds that a higher one
//! is there, and has not claimed anything.

use noctis_core::archive::MANIFEST_FORMAT;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Archive, Error, Result};

const FOLDER: &str = "owner";
/// Digits of a record's number, so that names sort as numbers do.
const DIGITS: usize = 20;
/// Records that are kept: the one that counts, and the one before it.
const RECORDS_KEPT: usize = 2;
/// Older records that one claim removes at most.
const REMOVED_MAX: usize = 100;
/// How often the newest record is looked for that is gone when it is read, since others made two more meanwhile.
const LOOKS_MAX: usize = 8;

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
        let (number, found) = match newest {
            Some((number, owner)) => (number, Some(owner)),
            None => (0, None),
        };
        if found.as_ref() != expected {
            return Err(Error::NotOurs { expected: expected.copied(), found });
        }
        self.make(number + 1, expected, new).await
    }

    /// Makes the record of this number, if nobody has.
    async fn make(&self, number: u64, expected: Option<&Owner>, new: &Owner) -> Result<()> {
        let record = Record { format: MANIFEST_FORMAT, owner: *new };
        let text =
            serde_json::to_vec_pretty(&record).expect("a record has nothing that JSON cannot hold");
        let once = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let path = path(number);
        match self.store.put_opts(&path, PutPayload::from(text), once).await {
            Ok(_) => self.settle(number, expected).await,
            // A request that was made again, since its first answer got lost, finds its own record.
            Err(object_store::Error::AlreadyExists { .. }) => match self.owner().await? {
                Some(found) if found == *new => Ok(()),
                found => Err(Error::NotOurs { expected: expected.copied(), found }),
            },
            Err(error) => Err(self.failed(format!("writing {path}"), &error)),
        }
    }

    /// Makes sure that the record that was made is the one that counts, and removes old ones.
    async fn settle(&self, made: u64, expected: Option<&Owner>) -> Result<()> {
        let numbers = self.numbers().await?;
        if numbers.last().is_some_and(|newest| *newest > made) {
            let found = self.owner().await?;
            return Err(Error::NotOurs { expected: expected.copied(), found });
        }
        let old = numbers.len().saturating_sub(RECORDS_KEPT);
        for number in numbers.into_iter().take(old.min(REMOVED_MAX)) {
            // The claim is made: a store that does not let anything be removed is told of, and no more.
            if let Err(error) = self.store.delete(&path(number)).await
                && !matches!(error, object_store::Error::NotFound { .. })
            {
                tracing::warn!(%error, number, "an old record of the archive's owner stays");
                break;
            }
        }
        Ok(())
    }

    /// The record that counts, and its number.
    async fn newest_record(&self) -> Result<Option<(u64, Owner)>> {
        let mut missing = String::new();
        for _ in 0..LOOKS_MAX {
            let Some(number) = self.numbers().await?.last().copied() else { return Ok(None) };
            let path = path(number);
            let Some(bytes) = self.small(&path).await? else {
                missing = path.to_string();
                continue;
            };
            let record: Record = serde_json::from_slice(&bytes).map_err(|error| {
                Error::Manifest { path: path.to_string(), detail: error.to_string() }
            })?;
            return Ok(Some((number, record.owner)));
        }
        Err(Error::Missing { path: missing })
    }

    /// The numbers of all records, in order.
    async fn numbers(&self) -> Result<Vec<u64>> {
        let names = self.names(FOLDER).await?;
        let number = |path: &Path| path.filename()?.strip_suffix(".json")?.parse::<u64>().ok();
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn path(number: u64) -> Path {
    Path::from(format!("{FOLDER}/{number:0DIGITS$}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    #[tokio::test]
    async fn who_makes_a_number_again_that_was_removed_has_claimed_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&Place::Folder(folder.path().to_owned())).unwrap();
        let owner = |generation: i64| Owner {
            store_id: Uuid::from_u128(7),
            generation,
            claim: Uuid::new_v4(),
        };
        let records: Vec<Owner> = (1..6).map(owner).collect();
        archive.claim(None, &records[0]).await.unwrap();
        // Somebody looks now and wants to make the second; before he does, others go on.
        for pair in records.windows(2) {
            archive.claim(Some(&pair[0]), &pair[1]).await.unwrap();
        }
        let slow = owner(2);
        let error = archive.make(2, Some(&records[0]), &slow).await.unwrap_err();
        let Error::NotOurs { found, .. } = &error else { panic!("{error}") };
        assert_eq!(found.as_ref(), records.last());
        assert_eq!(archive.owner().await.unwrap().as_ref(), records.last());
    }
}
