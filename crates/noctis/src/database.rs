//! The database of a command: found or started, its schema checked or brought up to date, and left again.

use std::sync::Arc;

use anyhow::{Context, bail};
use noctis_archive::Place;
use noctis_core::catalogue::Catalogue;
use noctis_store::{Store, migrate, static_data};

use crate::config::Config;
use crate::kills::Kills;
use crate::presence::Counter;
use crate::static_data::{Current, InForce, embedded, in_force};

mod progress;
mod server;

pub(crate) use progress::reporter;
pub use server::{Server, cluster_options};

/// What a command wants of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To work with the schema, which must be the one that this noctis knows.
    Use,
    /// To make the schema, or bring it to this noctis' version, with the static data in it.
    Migrate,
}

/// What [`Purpose::Migrate`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// The names of the migrations that were applied.
    pub migrations: Vec<&'static str>,
    /// Whether EVE's static data was loaded anew.
    pub static_data_loaded: bool,
}

/// A store that is ready for work, and the server behind it.
pub struct Database {
    pub store: Store,
    pub server: Server,
    pub prepared: Prepared,
    /// The static data in force when it was opened.
    pub static_data: InForce,
    archive: Place,
}

impl Database {
    /// What counts what everybody did.
    #[must_use]
    pub fn counter(&self) -> Counter {
        let catalogue = Current::new(Arc::clone(&self.static_data.catalogue));
        Counter::new(self.store.clone(), Some(self.archive.clone()), catalogue)
    }

    /// Where kills are read from, archived ones too.
    #[must_use]
    pub fn kills(&self) -> Kills {
        Kills::new(self.store.clone(), Some(self.archive.clone()))
    }

    /// Connects to `database_url`, or joins our own PostgreSQL, and sees to the schema as the purpose wants.
    ///
    /// # Errors
    /// A sentence that says what to do: no server, one that is too old, another schema, none at all, or a pooler
    /// where a session is needed.
    pub async fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Self> {
        let server = match purpose {
            Purpose::Use => Server::join_existing(config).await?,
            Purpose::Migrate => Server::join(config).await?,
        };
        let archive = config.archive.place(&config.data_dir);
        match Self::prepare(&server, purpose).await {
            Ok((store, prepared, static_data)) => {
                Ok(Self { store, server, prepared, static_data, archive })
            }
            Err(error) => {
                // The first error is the one to tell.
                let _ = server.leave().await;
                Err(error)
            }
        }
    }

    async fn prepare(
        server: &Server,
        purpose: Purpose,
    ) -> anyhow::Result<(Store, Prepared, InForce)> {
        let store = Store::connect(server.store_options()?).await?;
        let (prepared, static_data) = match purpose {
            Purpose::Use => {
                check_schema(&store).await?;
                (Prepared::default(), in_force(&store.client().await?).await?)
            }
            Purpose::Migrate => bring_up_to_date(&store).await?,
        };
        Ok((store, prepared, static_data))
    }

    /// Closes the connections and leaves our own PostgreSQL, which the last user stops.
    ///
    /// # Errors
    /// When our own PostgreSQL cannot be stopped.
    pub async fn close(self) -> anyhow::Result<()> {
        self.store.close();
        self.server.leave().await
    }
}

/// The static data that this binary carries. What is in force in a database is [`Database::static_data`].
#[must_use]
pub fn catalogue() -> Catalogue {
    embedded()
}

async fn check_schema(store: &Store) -> anyhow::Result<()> {
    let client = store.client().await?;
    if migrate::version(&client).await? == 0 {
        bail!(
            "there are no tables in this database yet: `noctis serve` or `noctis migrate` makes them"
        );
    }
    Ok(migrate::check(&client).await?)
}

async fn bring_up_to_date(store: &Store) -> anyhow::Result<(Prepared, InForce)> {
    store.refuse_pooler().await?;
    let mut client = store.client().await?;
    let migrations = migrate::migrate(&mut client).await.context("migrating")?;
    let in_force = in_force(&client).await?;
    let static_data_loaded = static_data::load(&mut client, &in_force.catalogue)
        .await
        .context("loading EVE's static data")?;
    Ok((Prepared { migrations, static_data_loaded }, in_force))
}
