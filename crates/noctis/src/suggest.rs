//! Names to suggest: a list in memory beside the grams in the database, and the loop that keeps both.
//!
//! In memory are the names of the static data, and those written after the grams were made, at most [`FRESH_MAX`].

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::SignedDuration;
use noctis_core::catalogue::Catalogue;
use noctis_core::suggest::list::List;
use noctis_core::suggest::{Asked, Entity, Fit, Kind, best};
use noctis_store::suggest::{self, Built, FRESH_MAX};
use noctis_store::{Connection, Error, Result, Store};
use tokio_util::sync::CancellationToken;

use crate::clock;

/// Between two looks for new names: so long a new one may not be suggested yet.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// So many newer names make new grams due. They are searched in memory until those are made.
const FRESH_DUE: usize = FRESH_MAX / 2;
/// And so much time: who is active has changed.
const AGE_DUE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// CCP's category of ships.
const SHIP_CATEGORY: i64 = 6;

/// The list in memory; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Suggest(Arc<RwLock<Option<Arc<Known>>>>);

/// The list, and of which static data it is.
#[derive(Debug)]
struct Known {
    list: List,
    build: String,
}

impl Suggest {
    /// The best `limit` suggestions, of one kind or all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        (store, catalogue): (&Store, &Catalogue),
        asked: &Asked,
        kind: Option<Kind>,
        limit: usize,
    ) -> Result<Vec<(Fit, Entity)>> {
        let client = store.client().await?;
        let known = match self.known().filter(|known| known.build == catalogue.build) {
            Some(known) => known,
            None => self.look(&client, catalogue).await?.0,
        };
        // Systems, regions and ships are in memory alone.
        let is_kept = kind.is_none_or(|kind| kind <= Kind::Alliance);
        let mut found = known.list.find(asked, kind, limit);
        if is_kept {
            found.extend(suggest::find(&client, asked, kind, limit).await?);
        }
        let mut found = best(found, limit);
        if found.len() < limit {
            found.extend(known.list.find_slips(asked, kind, limit));
            if is_kept {
                found.extend(suggest::find_slips(&client, asked, kind, limit).await?);
            }
            found = best(found, limit);
        }
        Ok(found)
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads what belongs in memory; says how many names are newer than the grams, and what those were made from.
    async fn look(
        &self,
        client: &Connection,
        catalogue: &Catalogue,
    ) -> Result<(Arc<Known>, usize, Option<Built>)> {
        let built = suggest::built(client).await?;
        let mut entities = suggest::fresh(client, built.as_ref()).await?;
        let fresh = entities.len();
        entities.truncate(FRESH_MAX);
        let activity = suggest::activity(client).await?;
        entities.extend(unchanging(catalogue).map(|(kind, id, name)| Entity {
            kind,
            id,
            activity: activity.get(&(kind, id)).copied().unwrap_or(0),
            name: name.to_owned(),
            ticker: None,
        }));
        let known = Arc::new(Known { list: List::new(entities), build: catalogue.build.clone() });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok((known, fresh, built))
    }
}

/// The names of the static data that can be suggested.
fn unchanging(catalogue: &Catalogue) -> impl Iterator<Item = (Kind, i64, &str)> {
    let systems = catalogue.systems.iter().map(|one| (Kind::System, one.system_id, &*one.name));
    let regions = catalogue.regions.iter().map(|one| (Kind::Region, one.region_id, &*one.name));
    let is_ship =
        |one: &&noctis_core::catalogue::Type| one.category_id == SHIP_CATEGORY && one.published;
    let ships = catalogue.types.iter().filter(is_ship);
    systems.chain(regions).chain(ships.map(|one| (Kind::Ship, one.type_id, &*one.name)))
}

/// Keeps the list, and makes grams where they are due, until it is told to stop. `folder` takes a file meanwhile.
pub async fn keep(
    store: Store,
    suggest: Suggest,
    current: crate::static_data::Current,
    folder: PathBuf,
    stop: CancellationToken,
) {
    loop {
        let looked = async {
            let client = store.client().await?;
            let (_, fresh, built) = suggest.look(&client, &current.get()).await?;
            drop(client);
            if is_due(fresh, built.as_ref()) {
                let Built { names, grams, seconds, .. } = suggest::build(&store, &folder).await?;
                tracing::info!(names, grams, seconds, "names are ready to be suggested");
                suggest.look(&store.client().await?, &current.get()).await?;
            }
            Ok::<(), Error>(())
        };
        match stop.run_until_cancelled(looked).await {
            None => return,
            // Another noctis is at it.
            Some(Ok(()) | Err(Error::Locked(_))) => {}
            Some(Err(error)) => {
                tracing::error!(%error, "names could not be made ready to be suggested")
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK_INTERVAL)).await.is_none() {
            return;
        }
    }
}

fn is_due(fresh: usize, built: Option<&Built>) -> bool {
    let is_old = |built: &Built| clock::now().duration_since(built.as_of) > AGE_DUE;
    fresh > FRESH_DUE || built.is_some_and(is_old)
}
