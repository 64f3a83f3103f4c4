//! Kills wherever they are: in the tables, or in the archive of months that have left them.
//!
//! A kill is in exactly one place at every moment, but moves between two statements. So the store's epoch is read before
//! and after; when it has changed, all is read again. No connection to the database is held while files are read.

mod error;
mod mails;
mod pages;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use noctis_archive::scan::Reader;
use noctis_archive::{Archive, Place};
use noctis_core::archive::Manifest;
use noctis_core::kill::{Key, Kill};
use noctis_core::killmail::KillmailHash;
use noctis_core::time::TimeRange;
use noctis_store::partitions::parts;
use noctis_store::{Connection, Store, killmails};

pub use error::{Error, Result};
pub use pages::Page;

/// How often an answer is begun anew because kills moved meanwhile.
const TRIES_MAX: u32 = 8;

/// Where kills are read from; cheap to clone.
#[derive(Clone)]
pub struct Kills {
    store: Store,
    /// Where the archive is; it is opened when something is read of it.
    place: Option<Place>,
    reader: Arc<OnceLock<Reader>>,
    world: Arc<RwLock<Arc<World>>>,
}

/// What is in the archive, as of an epoch.
#[derive(Debug, Default)]
struct World {
    epoch: i64,
    /// Those of the latest time first.
    cold: Vec<Manifest>,
}

/// One kill in full.
#[derive(Clone, Debug)]
pub struct Found {
    pub kill: Kill,
    /// ESI's.
    pub body: String,
    pub archived: bool,
}

impl Kills {
    /// Without an archive, kills that are in one cannot be read.
    #[must_use]
    pub fn new(store: Store, archive: Option<Place>) -> Kills {
        Kills { store, place: archive, reader: Arc::default(), world: Arc::default() }
    }

    /// A connection, for what is in the tables alone.
    ///
    /// # Errors
    /// When none is free in time.
    pub async fn client(&self) -> noctis_store::Result<Connection> {
        self.store.client().await
    }

    /// These kills as a list shows them, in the order of their keys. One that is gone meanwhile is left out.
    ///
    /// # Errors
    /// When the database does not answer or the archive cannot be read.
    pub async fn by_keys(&self, keys: &[Key]) -> Result<Vec<Kill>> {
        self.consistently(|world| self.by_keys_in(world, keys)).await
    }

    async fn by_keys_in(&self, world: Arc<World>, keys: &[Key]) -> Result<Vec<Kill>> {
        let hot = killmails::by_keys(&self.client().await?, keys).await?;
        let mut kills: HashMap<i64, Kill> =
            hot.into_iter().map(|kill| (kill.killmail_id, kill)).collect();
        let missing = world.parts_of(keys, |key| kills.contains_key(&key.1));
        for (part, keys) in missing {
            kills.extend(self.read(part, |reader| reader.kills(part, &keys)).await?);
        }
        Ok(keys.iter().filter_map(|(_, id)| kills.remove(id)).collect())
    }

    /// The hashes of these kills by id, as far as they are known.
    ///
    /// # Errors
    /// As [`by_keys`](Kills::by_keys).
    pub async fn hashes(&self, keys: &[Key]) -> Result<HashMap<i64, KillmailHash>> {
        self.consistently(|world| self.hashes_in(world, keys)).await
    }

    async fn hashes_in(
        &self,
        world: Arc<World>,
        keys: &[Key],
    ) -> Result<HashMap<i64, KillmailHash>> {
        let mut hashes = killmails::hashes(&self.client().await?, keys).await?;
        let missing = world.parts_of(keys, |key| hashes.contains_key(&key.1));
        for (part, keys) in missing {
            let cold = self.read(part, |reader| reader.hashes(part, &keys)).await?;
            hashes.extend(cold.into_iter().filter_map(|(id, hash)| Some((id, hash?))));
        }
        Ok(hashes)
    }

    /// One kill by its id: through the registry to its month. None when it is not stored.
    ///
    /// # Errors
    /// As [`by_keys`](Kills::by_keys).
    pub async fn by_id(&self, killmail_id: i64) -> Result<Option<Found>> {
        self.consistently(|world| self.by_id_in(world, killmail_id)).await
    }

    async fn by_id_in(&self, world: Arc<World>, killmail_id: i64) -> Result<Option<Found>> {
        let Some((key, body, archived)) = self.located(&world, killmail_id).await? else {
            return Ok(None);
        };
        let kill = self.by_keys_in(world, &[key]).await?.pop();
        Ok(kill.map(|kill| Found { kill, body, archived }))
    }

    /// The ESI body of one kill.
    ///
    /// # Errors
    /// As [`by_keys`](Kills::by_keys).
    pub async fn body(&self, killmail_id: i64) -> Result<Option<String>> {
        let read = |world: Arc<World>| async move { self.located(&world, killmail_id).await };
        Ok(self.consistently(read).await?.map(|(_, body, _)| body))
    }

    /// Key and body of a kill, and whether it is archived.
    async fn located(&self, world: &World, id: i64) -> Result<Option<(Key, String, bool)>> {
        let client = self.client().await?;
        let Some(time) = killmails::time_of(&client, id).await? else { return Ok(None) };
        let key = (time, id);
        if let Some(body) = killmails::body(&client, key).await? {
            return Ok(Some((key, body, false)));
        }
        drop(client);
        for (part, _) in world.parts_of(&[key], |_| false) {
            if let Some(body) = self.read(part, |reader| reader.body(part, key)).await? {
                return Ok(Some((key, body, true)));
            }
        }
        Ok(None)
    }

    /// The archived months of a range, newest first: who counts from the tables alone says that these are not counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cold_months(&self, range: TimeRange) -> noctis_store::Result<Vec<String>> {
        let world = self.world().await?;
        let cold = world.cold.iter().filter(|part| !part.range.intersection(range).is_empty());
        Ok(months(cold))
    }

    /// The ranges of time that are archived.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cold_ranges(&self) -> noctis_store::Result<Vec<TimeRange>> {
        Ok(self.world().await?.cold.iter().map(|part| part.range).collect())
    }

    /// Reads under one and the same epoch.
    async fn consistently<T, Reading>(&self, read: impl Fn(Arc<World>) -> Reading) -> Result<T>
    where
        Reading: Future<Output = Result<T>>,
    {
        for _ in 0..TRIES_MAX {
            let world = self.world().await?;
            let answer = read(Arc::clone(&world)).await;
            // What is wrong with a file may be that its part answers no more.
            if !matches!(answer, Err(Error::Store(_)))
                && parts::epoch(&**self.client().await?).await? != world.epoch
            {
                continue;
            }
            return answer;
        }
        Err(Error::Moving)
    }

    /// What is in the archive now.
    async fn world(&self) -> noctis_store::Result<Arc<World>> {
        let client = self.client().await?;
        let epoch = parts::epoch(&**client).await?;
        let known = Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner));
        if known.epoch == epoch {
            return Ok(known);
        }
        let (epoch, cold) = parts::cold(&**client).await?;
        let world = Arc::new(World { epoch, cold });
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&world);
        Ok(world)
    }

    /// Asks the archive for something of a part.
    async fn read<'a, T, Reading>(
        &'a self,
        part: &Manifest,
        ask: impl FnOnce(&'a Reader) -> Reading,
    ) -> Result<T>
    where
        Reading: Future<Output = noctis_archive::Result<T>>,
    {
        let month = || part.name.month.clone();
        let Some(place) = &self.place else { return Err(Error::NoArchive { month: month() }) };
        let unread = |source| match source {
            noctis_archive::Error::Busy { .. } => Error::TooSlow,
            source => Error::Archive { month: month(), source },
        };
        let reader = match self.reader.get() {
            Some(reader) => reader,
            None => {
                let opened = Archive::open(place).map_err(unread)?;
                self.reader.get_or_init(|| Reader::new(opened))
            }
        };
        ask(reader).await.map_err(unread)
    }
}

impl World {
    /// Parts in whose range some of these keys lie, with these; those of which it is so already left out.
    fn parts_of(&self, keys: &[Key], is_so: impl Fn(&Key) -> bool) -> Vec<(&Manifest, Vec<Key>)> {
        let open: Vec<Key> = match self.cold.is_empty() {
            true => Vec::new(),
            false => keys.iter().filter(|key| !is_so(key)).copied().collect(),
        };
        let within = |part: &Manifest| -> Vec<Key> {
            open.iter().filter(|(time, _)| part.range.contains(*time)).copied().collect()
        };
        let parts = self.cold.iter().map(|part| (part, within(part)));
        parts.filter(|(_, keys)| !keys.is_empty()).collect()
    }
}

/// The months of parts, newest first, each once.
fn months<'a>(parts: impl Iterator<Item = &'a Manifest>) -> Vec<String> {
    let mut months: Vec<String> = parts.map(|part| part.name.month.clone()).collect();
    months.sort_unstable_by(|one, other| other.cmp(one));
    months.dedup();
    months
}
